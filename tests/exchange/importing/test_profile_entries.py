"""Entries of a profile that make a value of several columns, or several values of one: notes, titles, terms, statuses."""

from datetime import timedelta
from pathlib import Path

import pytest

from agreements.domain.durations import DurationError
from agreements.exchange.importing.patterns import filled_in
from agreements.exchange.importing.profile_rules import FileRules
from agreements.exchange.importing.refusals import ProfileError
from agreements.exchange.importing.status_words import agree, status_meant
from agreements.exchange.importing.term_words import read_term
from agreements.models import Agreement
from tests.exchange.importing.files import AT, DAY, counts, csv_file, imported, looked_at, remedies
from tests.exchange.importing.profile_files import profile, read, told

pytestmark = pytest.mark.django_db

MINIMAL = "[fields]\ntitle = 'title'\n"
SOURCE = "[source]\npublisher = { always = 'P' }\ntitle = { always = 'List' }\n"


# The file


def test_profile_says_where_in_a_file_the_table_stands() -> None:
    found = read(f'[file]\nsheets = ["2022"]\nhead = 3\nencoding = "cp1251"\n{MINIMAL}').file

    assert found == FileRules(("2022",), 3, "cp1251")
    assert read(MINIMAL).file == FileRules()


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('sheets = "2022"', "file.sheets must be a list of texts"),
        ('sheets = ["*", "2022"]', "file.sheets names “\\*”, which is all sheets"),
        ('sheets = [""]', "file.sheets has an empty name"),
        ("head = 0", "file.head must be a whole number above 0"),
        ("head = true", "file.head must be a whole number above 0"),
        ('encoding = "klingon"', "file.encoding is no encoding: .*“klingon”"),
        ('sheet = "2022"', "file.sheet is not known here; the known entries are: sheets"),
    ],
)
def test_what_is_wrong_about_the_file_is_named(entry: str, why: str) -> None:
    with pytest.raises(ProfileError, match=why):
        read(f"[file]\n{entry}\n{MINIMAL}")


# Several columns in one


def test_columns_become_lines_of_a_note_after_their_headings(tmp_path: Path) -> None:
    rules = 'internal_notes = { columns = ["Focal person", "E-mail", "State"], labelled = true }\n'
    path = csv_file(
        tmp_path,
        "no,title,Focal person,E-mail,State",
        "1,A,Prof. Tanaka,t@example.org,sent",
        "2,B,,t@example.org,N/A",
        "3,C,,,",
    )

    run = imported(path, profile=profile(tmp_path, rules))

    notes = Agreement.objects.order_by("title").values_list("internal_notes", flat=True)
    assert list(notes) == [
        "Focal person: Prof. Tanaka\nE-mail: t@example.org\nState: sent",
        "E-mail: t@example.org",
        "",
    ]
    assert told(run) == ["column “State”: “N/A” says nothing"]
    assert counts(looked_at(path, profile=profile(tmp_path, rules))[0]) == {"unchanged": 3}


@pytest.mark.parametrize(
    ("pattern", "texts", "title"),
    [
        ("{Type} with {Partner}", {"Type": "MoU", "Partner": "Peru"}, "MoU with Peru"),
        ("{Type} with {Partner}", {"Type": "MoU"}, "MoU"),
        ("{Type} with {Partner}", {"Type": "Charter A"}, "Charter A"),
        ("{Type} with {Partner}", {"Partner": "Peru"}, "Peru"),
        ("{Type} with {Partner} on {Subject}", {"Type": "MoU", "Subject": "roads"}, "MoU on roads"),
        ("{Type} ({Country}) with {Partner}", {"Type": "MoU", "Partner": "X"}, "MoU with X"),
        ("{Type} ({Country}) with {Partner}", {"Type": "MoU", "Country": "PE"}, "MoU (PE)"),
        ("Agreement with {Partner} on {Subject}", {"Subject": "roads"}, "Agreement on roads"),
        ("Agreement with {Partner}", {}, ""),
        ("{Type}  {Partner}.", {"Type": "MoU", "Partner": "X"}, "MoU X."),
    ],
)
def test_pattern_leaves_no_hanging_words_and_no_double_blanks(
    pattern: str, texts: dict[str, str], title: str
) -> None:
    assert filled_in(pattern, texts) == title


def test_title_made_of_other_columns_is_inferred(tmp_path: Path) -> None:
    beginning = '[identifier]\nscheme = "x"\ncolumn = "no"\n[fields]\n'
    rules = f'title = {{ pattern = "{{Type}} with {{Partner}}" }}\n{SOURCE}'
    path = csv_file(tmp_path, "no,Type,Partner", "1,MoU,Peru", "2,MoU,N/A", "3,,")

    run, outcome = looked_at(path, profile=profile(tmp_path, rules, beginning))
    imported(path, profile=profile(tmp_path, rules, beginning), is_partial=True)

    assert [each.title for each in Agreement.objects.order_by("title")] == ["MoU", "MoU with Peru"]
    assert {row.basis for row in Agreement.objects.first().evidence.all()} == {"inferred"}
    assert "4|Type / Partner||The row has no title" in remedies(outcome)
    assert told(run) == ["column “Partner”: “N/A” says nothing"]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Protocol on trade", "protocol"),
        ("Protocol of intent on trade", "mou"),
        ("Protocols on trade", "other"),
        ("protocol", "protocol"),
    ],
)
def test_longest_beginning_counts_whatever_the_order(tmp_path: Path, title: str, kind: str) -> None:
    # PostgreSQL hands the shorter one back first
    rules = (
        'kind = { column = "title", otherwise = "other", '
        'beginning = { "Protocol " = "protocol", "Protocol of intent" = "mou" } }\n'
    )
    path = csv_file(tmp_path, "no,title", f"1,{title}")

    imported(path, profile=profile(tmp_path, rules + SOURCE))

    assert Agreement.objects.get().kind == kind


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Universal Postal Convention", "convention"),
        ("Trade and Payments Agreement with Peru", "agreement"),
        ("Convention and Protocol on fishing", "protocol"),
        ("Memorandum on the Convention of 1951", "mou"),
        ("Report on the Convention of 1951", "unknown"),
        ("“Consular Convention”", "convention"),
        ("Conventions", "unknown"),
        ("Report", "unknown"),
    ],
)
def test_last_word_that_names_something_counts_up_to_those_that_say_on_what(
    tmp_path: Path, title: str, kind: str
) -> None:
    rules = (
        'kind = { column = "title", otherwise = "unknown", naming_until = ["ON", "with"], '
        'beginning = { "memorandum" = "mou" }, '
        'naming = { "Convention" = "convention", "protocol" = "protocol", "agreement" = "agreement" } }\n'
    )
    path = csv_file(tmp_path, "no,title", f"1,{title}")

    imported(path, profile=profile(tmp_path, rules + SOURCE))

    assert Agreement.objects.get().kind == kind


def test_longest_part_is_replaced_first_whatever_the_order(tmp_path: Path) -> None:
    rules = 'place = { column = "Place", replace = { "St" = "Street", "St. " = "Saint " } }\n'
    path = csv_file(tmp_path, "no,title,Place", "1,On trade,St. Petersburg")

    imported(path, profile=profile(tmp_path, rules + SOURCE))

    assert Agreement.objects.get().place == "Saint Petersburg"


def test_pattern_that_names_an_unknown_column_is_refused(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "no,Type", "1,MoU")
    beginning = '[fields]\ntitle = { pattern = "{Type} with {Partner}" }\n'

    with pytest.raises(ProfileError, match="lacks the column “Partner”"):
        looked_at(path, profile=profile(tmp_path, "", beginning))


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('kind = { column = "a", naming = { "pact" = "pact" } }', "fields.kind"),
        ('kind = { column = "a", naming_until = "on" }', "fields.kind.naming_until"),
        ('summary = { pattern = "{a" }', "fields.summary.pattern must name its columns in braces"),
        ('summary = { pattern = "a" }', "fields.summary.pattern must name its columns in braces"),
        ('summary = { pattern = "{a}", column = "b" }', "has both a pattern and columns"),
        ('summary = { columns = ["a"], column = "b" }', "has both column and columns"),
        ('summary = { columns = ["a"], labelled = 1 }', "summary.labelled must be true or false"),
        ('kind = { columns = ["a"], labelled = true }', "fields.kind.labelled does not apply"),
        ('signed = { pattern = "{a}" }', "fields.signed.pattern does not apply"),
        ('place = { column = "a", unit = "years" }', "fields.place.unit does not apply"),
        ('place = { column = "a", until = "signed" }', "fields.place.until does not apply"),
        ('place = { column = "a", order = "day-first" }', "fields.place.order does not apply"),
        ('term = { column = "a", unit = "eons" }', "fields.term.unit must be one of: years"),
        (
            'signed = { column = "a", until = "signed" }',
            "fields.signed.until must name another date",
        ),
        ('signed = { column = "a", until = "kind" }', "fields.signed.until must name another date"),
        (
            'signed = { column = "a", order = "dmy" }',
            "fields.signed.order must be one of: day-first",
        ),
        (
            'signed = { column = "a", two_digit_years = 49 }',
            "two_digit_years must be the last year",
        ),
        (
            'duration = { column = "a", values = { "x" = "long" } }',
            "fields.duration cannot be read",
        ),
        (
            'status = { column = "a", values = { "x" = "alive" } }',
            "fields.status “alive” is not one",
        ),
        ('[dates]\norder = "month"', "dates.order must be one of: day-first, month-first"),
        ('[source]\ntitel = "x"', "source.titel is not known here"),
        ('[[events]]\nkind = "signed"\ndate = "a"\ndat = "b"', "events 1.dat is not known here"),
        ('[fields.kind]\ncolumn = "a"\nvalue = {}', "fields.kind.value is not known here"),
    ],
)
def test_entry_that_cannot_be_meant_is_refused_before_a_row_is_read(entry: str, why: str) -> None:
    with pytest.raises(ProfileError, match=why):
        read(f"{MINIMAL}{entry}")


# Durations in words


@pytest.mark.parametrize(
    ("text", "unit", "kind", "length", "renewal"),
    [
        ("5 Years", "", "fixed", "P5Y", None),
        ("5 yrs", "", "fixed", "P5Y", None),
        ("3", "years", "fixed", "P3Y", None),
        ("36 ay", "", "fixed", "P3Y", None),
        ("3 il", "", "fixed", "P3Y", None),
        ("5 il müddətinə", "", "fixed", "P5Y", None),
        ("3 года", "", "fixed", "P3Y", None),
        ("на 5 лет", "", "fixed", "P5Y", None),
        ("five (5) years", "", "fixed", "P5Y", None),
        ("beş il", "", "fixed", "P5Y", None),
        ("1.5 years", "", "fixed", "P18M", None),
        ("Valid for a period of 18 months", "", "fixed", "P18M", None),
        ("3 years (renewable)", "", "fixed", "P3Y", None),
        ("5 years (auto-renewed)", "", "automatic_renewal", "P5Y", None),
        ("5 il (avtomatik uzadılır)", "", "automatic_renewal", "P5Y", None),
        ("3 года с автоматическим продлением", "", "automatic_renewal", "P3Y", None),
        ("5 years, automatically renewed for 2 years", "", "automatic_renewal", "P5Y", "P2Y"),
        ("1 year, automatically renewed every year", "", "automatic_renewal", "P1Y", None),
        ("Automatic renewal", "", "automatic_renewal", None, None),
        ("Indefinite", "", "indefinite", None, None),
        ("müddətsiz", "", "indefinite", None, None),
        ("бессрочно", "", "indefinite", None, None),
        ("Until terminated", "", "indefinite", None, None),
    ],
)
def test_words_say_how_long_an_agreement_lasts(
    text: str, unit: str, kind: str, length: str | None, renewal: str | None
) -> None:
    term = read_term(text, unit)

    shown = tuple(str(each) if each else None for each in (term.length, term.renewal))
    assert (term.kind, *shown) == (kind, length, renewal)


@pytest.mark.parametrize(
    "text", ["3", "long", "3-5 years", "5 years or less", "until 2024", "x" * 300]
)
def test_words_that_say_no_length_are_refused(text: str) -> None:
    with pytest.raises(
        DurationError, match="does not say how long the agreement lasts: write 3 years"
    ):
        read_term(text)


def test_one_column_of_words_gives_term_kind_and_renewal(tmp_path: Path) -> None:
    rules = (
        'duration = { column = "Duration", unit = "years", values = { "see text" = "" } }\n'
        f'in_force = "Start"\n{SOURCE}'
    )
    path = csv_file(
        tmp_path,
        "no,title,Duration,Start",
        "1,A,3,2020-01-01",
        '2,B,"5 years, automatically renewed for 1 year",',
        "3,C,бессрочно,",
        "4,D,see text,",
        "5,E,N/A,",
        "6,F,3 years renewable,",
        "7,G,as long as needed,",
    )

    run, outcome = looked_at(path, profile=profile(tmp_path, rules))
    imported(path, profile=profile(tmp_path, rules), is_partial=True)

    found = {
        each.title: (each.term_kind, str(each.term or ""), str(each.renewal or ""))
        for each in Agreement.objects.all()
    }
    assert found == {
        "A": ("fixed", "P3Y", ""),
        "B": ("automatic_renewal", "P5Y", "P1Y"),
        "C": ("indefinite", "", ""),
        "D": ("unknown", "", ""),
        "E": ("unknown", "", ""),
        "F": ("fixed", "P3Y", ""),
    }
    first = Agreement.objects.get(title="A")
    assert str(first.expires) == "2023-01-01"
    assert first.evidence.get(fact="term").basis == "stated"
    assert remedies(outcome).startswith(
        "8|Duration|as long as needed|“as long as needed” does not say how long the agreement lasts"
    )
    assert told(run) == [
        "column “Duration”: “N/A” says nothing",
        "column “Duration”: “renewable” does not say that the term is renewed by itself; read as a fixed term",
    ]
    assert counts(looked_at(path, profile=profile(tmp_path, rules))[0]) == {
        "unchanged": 6,
        "refused": 1,
    }


def test_column_of_its_own_goes_before_the_duration_in_words(tmp_path: Path) -> None:
    rules = 'duration = "Duration"\nterm = { column = "Months", unit = "months" }\n'
    path = csv_file(tmp_path, "no,title,Duration,Months", "1,A,5 years,36", "2,B,5 years,")

    imported(path, profile=profile(tmp_path, rules))

    assert [str(each.term) for each in Agreement.objects.order_by("title")] == ["P3Y", "P5Y"]


# Statuses


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Active", "in_force"), ("VALID", "in_force"), ("qüvvədədir", "in_force"), ("Действует", "in_force"),
        ("expired", "expired"), ("müddəti bitib", "expired"), ("истёк", "expired"),
        ("In process", "negotiation"), ("draft", "negotiation"), ("layihə", "negotiation"), ("проект", "negotiation"),
        ("Terminated", "terminated"), ("in_force", "in_force"), ("Расторгнуто", "terminated"),
        ("signed", "signed"), ("имеется", None), ("undetermined", None),
    ],
)  # fmt: skip
def test_usual_words_for_a_status_are_known_in_three_languages(
    text: str, status: str | None
) -> None:
    assert status_meant(text) == status


def test_every_phrase_for_a_status_agrees_with_itself_alone() -> None:
    assert agree(status_meant("signed"), status_meant("active"))
    assert not agree(status_meant("active"), status_meant("signed"))
    assert not agree(status_meant("active"), status_meant("expired"))


def test_status_gives_the_stage_and_is_compared_with_the_computed_one(tmp_path: Path) -> None:
    rules = (
        'status = { column = "Status", values = { "Archived" = "expired", "?" = "" } }\n'
        f'in_force = "Start"\nexpires_stated = "End"\n{SOURCE}'
    )
    path = csv_file(
        tmp_path,
        "no,title,Status,Start,End",
        f"1,A,Active,2020-01-01,{DAY + timedelta(days=1)}",
        "2,B,Active,2020-01-01,2021-01-01",
        "3,C,active,2020-01-01,2021-01-01",
        "4,D,In process,,",
        "5,E,Archived,2020-01-01,2021-01-01",
        "6,F,Purple,2020-01-01,",
        "7,G,?,2020-01-01,",
    )

    run = imported(path, profile=profile(tmp_path, rules))

    stages = dict(Agreement.objects.values_list("title", "stage"))
    usual = Agreement._meta.get_field("stage").default
    assert stages == {
        **dict.fromkeys("ABCE", "concluded"), "D": "negotiation", "F": usual, "G": usual,
    }  # fmt: skip
    assert Agreement.objects.get(title="A").evidence.get(fact="stage").basis == "inferred"
    unknown = (
        "column “Status”: “Purple” is no status that the register knows; not taken. Say what it means in the "
        "profile's values"
    )
    notes = [(line["text"], line["count"], line["rows"]) for line in run.notes if "count" in line]
    assert notes[:3] == [
        (unknown, 1, [7]),
        ("column “Status” says “Active”, but the register computes “Expired”", 1, [3]),
        ("column “Status” says “active”, but the register computes “Expired”", 1, [4]),
    ]
    again, _outcome = looked_at(path, profile=profile(tmp_path, rules))
    assert counts(again) == {"unchanged": 7}
    assert run.uploaded_at == AT


def test_stage_of_its_own_column_goes_before_the_status(tmp_path: Path) -> None:
    rules = 'status = "Status"\nstage = { always = "concluded" }\n'
    path = csv_file(tmp_path, "no,title,Status", "1,A,draft")

    imported(path, profile=profile(tmp_path, rules))

    assert Agreement.objects.get().stage == "concluded"


# Identifiers


def test_running_numbers_whose_titles_have_moved_are_warned_of(tmp_path: Path) -> None:
    rules = profile(tmp_path)
    imported(csv_file(tmp_path, "no,title", "1,A", "2,B", "3,C", "4,D"), profile=rules)
    moved = csv_file(tmp_path, "no,title", "1,A", "2,New", "3,B", "4,C", "5,D")

    run, _outcome = looked_at(moved, profile=rules)

    warning = next(line for line in run.notes if line["kind"] == "oddity")
    assert warning["text"].startswith("column “no” only counts the rows")
    assert (warning["count"], warning["rows"]) == (3, [3, 4, 5])


@pytest.mark.parametrize(
    "lines",
    [("1,A", "2,B", "3,C2", "4,D"), ("1,A2", "3,B2", "2,C2", "4,D2")],
    ids=["few", "no order"],
)
def test_numbers_that_stay_with_their_titles_are_not_warned_of(
    tmp_path: Path, lines: tuple[str, ...]
) -> None:
    rules = profile(tmp_path)
    imported(csv_file(tmp_path, "no,title", "1,A", "2,B", "3,C", "4,D"), profile=rules)

    run, _outcome = looked_at(csv_file(tmp_path, "no,title", *lines), profile=rules)

    assert not any("counts the rows" in text for text in told(run, "oddity"))

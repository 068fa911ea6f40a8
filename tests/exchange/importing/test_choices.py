"""What a clerk chose for the columns of a file, as the table of a profile and back."""

from typing import Any

from agreements.exchange.importing.mapping.choices import (
    Choices,
    ColumnChoice,
    as_table,
    choices_of,
    name_of,
)

HEADINGS = [
    "Type",
    "Partner",
    "Country",
    "Signed",
    "Until",
    "Duration",
    "Remarks",
    "Contact",
    "No",
    "Link",
]


def chosen(**more: Any) -> Choices:
    targets = [
        "kind", "party", "country", "signed", "expires_stated", "duration", "internal_notes", "internal_notes",
        "identifier", "source_url",
    ]  # fmt: skip
    columns = {
        heading: ColumnChoice(target=target)
        for heading, target in zip(HEADINGS, targets, strict=True)
    }
    columns["Partner"].kind = "university"
    columns["Duration"].unit = "years"
    given = {
        "values": {"kind": {"MoU": "mou", "-": ""}, "areas": {}},
        "own_party": "Ministry of Labour",
        "title_pattern": "{Type} with {Partner}",
        "stage": "concluded",
        "order": "month-first",
        "two_digit_years": 2049,
        "publisher": "Ministry",
        "source_title": "List of agreements",
    }
    return Choices(columns, **(given | more))


def test_choices_become_the_table_of_a_profile() -> None:
    table = as_table(chosen(), HEADINGS, {})

    assert table["fields"] == {
        "title": {"pattern": "{Type} with {Partner}"},
        "kind": {"columns": ["Type"], "values": {"MoU": "mou", "-": ""}},
        "stage": {"always": "concluded"},
        "signed": {"columns": ["Signed"], "until": "expires_stated"},
        "expires_stated": {"columns": ["Until"]},
        "duration": {"columns": ["Duration"], "unit": "years"},
        "internal_notes": {"columns": ["Remarks", "Contact"], "labelled": True},
    }
    assert [each.get("always") or each["column"] for each in table["parties"]] == [
        "Ministry of Labour", "Partner",
    ]  # fmt: skip
    assert table["parties"][1]["country"] == "Country"
    assert table["parties"][1]["kind"] == "university"
    assert table["rows"] == {"filled": ["Partner"]}
    assert table["identifier"]["column"] == "No"
    assert table["dates"] == {"order": "month-first", "two_digit_years": 2049}
    assert table["source"]["url"] == {"columns": ["Link"]}


def test_table_gives_the_choices_back() -> None:
    table = as_table(chosen(), HEADINGS, {})

    assert choices_of(table, HEADINGS) == chosen()
    assert as_table(choices_of(table, HEADINGS), HEADINGS, table) == table


def test_what_the_wizard_has_no_control_for_stays() -> None:
    kept = {
        "events": [{"kind": "ratified", "date": "Ratified"}],
        "rows": {"only": {"Status": ["signed"]}},
        "parties": {"column": "Partner", "known": {"Hayti": "Haiti"}},
        "dates": {"formats": ["%d/%m/%Y"]},
    }

    table = as_table(chosen(), HEADINGS, kept)

    assert table["events"] == kept["events"]
    assert table["rows"]["only"] == {"Status": ["signed"]}
    assert table["parties"][1]["known"] == {"Hayti": "Haiti"}
    assert table["dates"]["formats"] == ["%d/%m/%Y"]


def test_column_that_is_no_longer_chosen_is_no_longer_read() -> None:
    table = as_table(chosen(), HEADINGS, {})
    fewer = chosen()
    for heading in ("Duration", "No", "Link", "Country"):
        fewer.columns[heading].target = ""

    again = as_table(fewer, HEADINGS, table)

    assert "duration" not in again["fields"]
    assert "identifier" not in again
    assert "country" not in again["parties"][1]
    assert "url" not in again["source"]


def test_country_belongs_to_the_party_before_it() -> None:
    columns = {
        "First": ColumnChoice("party"),
        "First country": ColumnChoice("country"),
        "Second": ColumnChoice("party"),
        "Second country": ColumnChoice("country"),
    }

    parties = as_table(Choices(columns), list(columns), {})["parties"]

    assert [each["country"] for each in parties] == ["First country", "Second country"]


def test_files_with_the_same_columns_share_a_name() -> None:
    assert name_of(["Partner", "Type"]) == name_of(["TYPE", "partner"])
    assert name_of(["Partner", "Type"]) != name_of(["Partner", "Kind"])


def test_title_gives_the_kind_too_and_the_status_is_noted() -> None:
    columns = {
        "Name": ColumnChoice("title"),
        "State": ColumnChoice("status"),
        "Memo": ColumnChoice("internal_notes"),
    }
    choices = Choices(columns, kind="mou", kind_of_title=True, notes_status=True)

    table = as_table(choices, list(columns), {})

    kind = table["fields"]["kind"]
    assert (kind["columns"], kind["otherwise"]) == (["Name"], "mou")
    assert kind["beginning"]["protocol "] == "protocol"
    assert table["fields"]["internal_notes"] == {"columns": ["Memo", "State"], "labelled": True}
    read = choices_of(table, columns)
    assert (read.columns, read.kind, read.kind_of_title, read.notes_status) == (
        columns,
        "mou",
        True,
        True,
    )
    assert as_table(read, list(columns), table) == table


def test_links_of_a_column_that_becomes_something_else_lead_to_the_source() -> None:
    columns = {"Name": ColumnChoice("title"), "Partner": ColumnChoice("party")}
    choices = Choices(columns, publisher="Ministry", links_from="Partner")

    table = as_table(choices, list(columns), {})

    assert table["source"]["url"] == {"columns": ["Partner"]}
    read = choices_of(table, columns)
    assert (read.columns["Partner"].target, read.links_from) == ("party", "Partner")


def test_profile_of_more_than_the_wizard_shows_is_kept_as_it_is() -> None:
    titled = {"columns": ["Name"], "beginning": {"pact ": "treaty"}, "otherwise": "other"}
    table = {
        "recognised_by": ["Name"],
        "remembered_as": name_of(["Name"]),
        "rows": {"filled": ["Name"]},
        "fields": {"title": {"columns": ["Name"]}, "kind": titled},
    }

    assert as_table(choices_of(table, ["Name"]), ["Name"], table) == table

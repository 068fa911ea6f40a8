"""The forms on which a clerk says how a file is read, what its columns become, and what the texts in them mean."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.db.models import Count
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agreements.admin.import_forms import ENCODINGS, is_text
from agreements.domain.choices import Kind, PartyKind, Role, Stage
from agreements.exchange.importing import patterns
from agreements.exchange.importing.mapping.choices import (
    AREA_SEPARATORS,
    Choices,
    ColumnChoice,
)
from agreements.exchange.importing.mapping.suggesting import (
    can_be_read,
    is_date,
    meanings,
    unread,
)
from agreements.exchange.importing.mapping.surveys import MOST_TEXTS, ColumnSurvey, Survey
from agreements.exchange.importing.mapping.targets import (
    AREAS,
    DURATION_IN_WORDS,
    OF_SOURCE,
    REPEATABLE,
    Target,
    grouped,
    targets,
)
from agreements.exchange.importing.mapping.words import codes_of
from agreements.exchange.importing.readers.heads import FURTHEST_ROW_LOOKED_AT
from agreements.exchange.importing.values import parted
from agreements.models import Area, Import, Party

MOST_NAMES_OFFERED = 30
NOTHING = "-"
UNITS = [
    ("", _("as written")),
    ("years", _("years")),
    ("months", _("months")),
    ("weeks", _("weeks")),
    ("days", _("days")),
]
ORDERS = [
    ("", _("day first, unless a date disagrees")),
    ("day-first", _("day first: 03/04/2021 is 3 April")),
    ("month-first", _("month first: 03/04/2021 is March 4")),
]


class ReadingForm(forms.Form):
    """How the file is read: its sheets, where the headings end, its encoding."""

    sheets = forms.MultipleChoiceField(
        label=_("Sheets"), required=False, widget=forms.CheckboxSelectMultiple
    )
    head = forms.IntegerField(
        label=_("Row in which the headings end"),
        required=False,
        min_value=1,
        max_value=FURTHEST_ROW_LOOKED_AT,
        help_text=_(
            "Empty: it is found. Of several sheets, each has its own, so leave this empty."
        ),
    )
    encoding = forms.ChoiceField(label=_("Encoding"), required=False, choices=ENCODINGS)

    def __init__(self, run: Import, survey: Survey, *args: Any, **kwargs: Any) -> None:
        # after a reading that failed, what was asked for
        asked = run.reading if run.problem else {}
        head = survey.head if len(survey.sheets) < 2 else 0
        kwargs["initial"] = {
            "sheets": asked.get("sheets", survey.sheets),
            "head": asked.get("head", head) or None,
            "encoding": run.encoding,
        }
        super().__init__(*args, **kwargs)
        sheets: Any = self.fields["sheets"]
        sheets.choices = [(each["name"], _sheet(each)) for each in survey.all_sheets]
        if len(survey.all_sheets) < 2:
            del self.fields["sheets"]
        if not is_text(run):
            del self.fields["encoding"]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if len(said.get("sheets", ())) > 1 and said.get("head"):
            if "head" in self.changed_data:
                sentence = gettext(
                    "With several sheets, leave this empty: the headings of each are found in it."
                )
                self.add_error("head", sentence)
            said["head"] = None
        elif "sheets" in self.changed_data and "head" not in self.changed_data:
            # that of another sheet
            said["head"] = None
        return said

    def answers(self) -> dict[str, Any]:
        """Return the answers as columns of the import."""
        said = self.cleaned_data
        reading = {name: said[name] for name in ("sheets", "head") if said.get(name)}
        encoding = {"encoding": said["encoding"]} if "encoding" in said else {}
        return {"reading": reading, **encoding}


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _sheet(sheet: dict[str, Any]) -> str:
    name = str(sheet["name"])
    return gettext("%(name)s (hidden)") % {"name": name} if sheet["hidden"] else name


class _Columned(forms.Form):
    """A form with fields for each column of the file."""

    def __init__(self, survey: Survey, choices: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.survey, self.before = survey, choices


class ColumnsForm(_Columned):
    """What each column becomes, and what holds for all rows."""

    own_party = forms.CharField(
        label=_("One party of every agreement"),
        required=False,
        max_length=255,
        help_text=_("Our own side, if the file does not name it in every row."),
        widget=forms.TextInput(attrs={"list": "own-parties", "autocomplete": "off"}),
    )
    title_pattern = forms.CharField(
        label=_("Title, if no column has it"),
        required=False,
        max_length=500,
        help_text=_("Made of columns, each in braces, such as {Type} with {Partner}."),
    )
    kind = forms.ChoiceField(
        label=_("Kind, where the file says nothing"),
        required=False,
        choices=[("", "–"), *Kind.choices],
    )
    kind_of_title = forms.BooleanField(
        label=_("Take the kind from the title, if no column has it"),
        required=False,
        help_text=_("A title that begins with “Memorandum”, “Protocol” or the like has that kind."),
    )
    stage = forms.ChoiceField(
        label=_("Stage, where the file says nothing"),
        required=False,
        choices=[("", "–"), *Stage.choices],
    )
    notes_status = forms.BooleanField(
        label=_("Keep the file's status as an internal note"),
        required=False,
        help_text=_(
            "The register computes the status from the dates; the preview names the rows that differ."
        ),
    )
    order = forms.ChoiceField(label=_("Dates in figures"), required=False, choices=ORDERS)
    two_digit_years = forms.IntegerField(
        label=_("Years of two digits end with"),
        required=False,
        min_value=1999,
        max_value=2099,
        help_text=_("With 2049, “49” is 2049 and “50” is 1950."),
    )
    publisher = forms.CharField(
        label=_("Publisher of this list"),
        required=False,
        max_length=255,
        help_text=_(
            "With a publisher, the list becomes the source of what it states. Without one, the facts have no source."
        ),
    )
    source_title = forms.CharField(label=_("Title of this list"), required=False, max_length=500)
    links_from = forms.ChoiceField(
        label=_("Links that lead to the source"),
        required=False,
        help_text=_(
            "The links behind the cells of this column become the addresses of the sources."
        ),
    )

    def __init__(self, survey: Survey, choices: Choices, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {
            name: getattr(choices, name) for name in (*_FOR_ALL_ROWS, "two_digit_years")
        }
        super().__init__(survey, choices, *args, **kwargs)
        becomes = [("", _("– not taken –"))] + [
            (str(group), [(each.code, each.label) for each in some]) for group, some in grouped()
        ]
        for number, column in enumerate(survey.columns):
            choice = choices.columns.get(column.heading, ColumnChoice())
            labels = {
                "target": gettext("%(column)s becomes"),
                "kind": gettext("kind of the new parties in %(column)s"),
                "role": gettext("role of the parties in %(column)s"),
                "unit": gettext("unit of the numbers in %(column)s"),
            }
            offered: dict[str, Any] = {
                "target": becomes,
                "kind": [("", _("as the name suggests")), *PartyKind.choices],
                "role": Role.choices,
                "unit": UNITS,
            }
            for part, label in labels.items():
                self.fields[f"{part}-{number}"] = forms.ChoiceField(
                    label=label % {"column": column.heading},
                    required=False,
                    choices=offered[part],
                    initial=getattr(choice, part),
                    widget=forms.Select(attrs={"data-part": part}),
                )
        if not any(column.short_years for column in survey.columns):
            del self.fields["two_digit_years"]
        linked = [column.heading for column in survey.columns if column.links]
        links_from: Any = self.fields["links_from"]
        links_from.choices = [("", _("none")), *((name, name) for name in linked)]
        if not linked:
            del self.fields["links_from"]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield what the table shows of each column: its survey and its fields."""
        for number, column in enumerate(self.survey.columns):
            parts = {part: self[f"{part}-{number}"] for part in ("target", "kind", "role", "unit")}
            yield {"column": column, "empty": self.survey.rows - column.filled, **parts}

    def for_all_rows(self) -> list[forms.BoundField]:
        return [self[name] for name in (*_FOR_ALL_ROWS, "two_digit_years") if name in self.fields]

    @cached_property
    def own_parties(self) -> list[str]:
        """The names offered for our own side: of the parties that most agreements have."""
        frequent = Party.objects.annotate(n=Count("participations")).order_by("-n", "name")
        return list(frequent.values_list("name", flat=True)[:MOST_NAMES_OFFERED])

    def clean_title_pattern(self) -> str:
        pattern: str = self.cleaned_data["title_pattern"]
        if pattern and not patterns.is_well_formed(pattern):
            raise forms.ValidationError(
                gettext("Write each column in braces, such as {%(column)s}, and no other braces.")
                % {"column": self.survey.headings[0]}
            )
        if unknown := [n for n in patterns.columns_of(pattern) if n not in self.survey.headings]:
            sentence = gettext("The file has no column %(unknown)s. Its columns: %(known)s.")
            names = {"unknown": _quoted(unknown), "known": _quoted(self.survey.headings)}
            raise forms.ValidationError(sentence % names)
        return pattern

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        chosen: dict[str, list[str]] = {}
        for number, column in enumerate(self.survey.columns):
            chosen.setdefault(said.get(f"target-{number}", ""), []).append(column.heading)
        for target, headings in chosen.items():
            if target not in REPEATABLE and len(headings) > 1:
                sentence = gettext(
                    "Only one column can become “%(target)s”; you chose %(columns)s."
                )
                names = {
                    "target": targets()[target].label,
                    "columns": _quoted(headings),
                }
                last = self.survey.headings.index(headings[-1])
                self.add_error(f"target-{last}", sentence % names)
        if "title" not in chosen and not self["title_pattern"].data:
            sentence = gettext(
                "An agreement needs a title: choose its column, or say here how it is made of others."
            )
            self.add_error("title_pattern", sentence)
        if not said.get("publisher") and (why := self._needs_publisher(chosen, said)):
            self.add_error("publisher", why)
        return said

    def _needs_publisher(self, chosen: Mapping[str, list[str]], said: Mapping[str, Any]) -> str:
        """Return why a publisher is needed: what leads to a source is kept with it only."""
        of_source = [name for target in OF_SOURCE for name in chosen.get(target, ())]
        columns = list(filter(None, [*of_source, said.get("links_from", "")]))
        if not columns or self.before.publisher_columns:
            return ""
        sentence = gettext(
            "%(columns)s can only be kept with a publisher: say who publishes this, or choose that it is not taken."
        )
        return sentence % {"columns": _quoted(columns)}

    def choices(self) -> Choices:
        """Return what was chosen, with the meanings of texts that were given before or can be suggested."""
        said = self.cleaned_data
        columns = {
            column.heading: ColumnChoice(
                **{
                    part: said.get(f"{part}-{number}", "")
                    for part in ("target", "kind", "role", "unit")
                }
            )
            for number, column in enumerate(self.survey.columns)
        }
        made = Choices(columns, **{name: said[name] for name in _FOR_ALL_ROWS if name in said})
        # what is not asked about this file may matter for the next one
        dates = [each for each in self.survey.columns if is_date(columns[each.heading])]
        is_asked = any(each.short_years for each in dates)
        made.two_digit_years = (said if is_asked else vars(self.before)).get("two_digit_years")
        if made.of("title"):
            made.title_pattern = ""
        for target in targets().values():
            before = self.before.values.get(target.code, {})
            if made.of(target.code) == self.before.of(target.code):
                made.values[target.code] = before
                continue
            # what was said about the texts of another column holds for the same texts only
            for column in columns_of(self.survey, made, target):
                texts = texts_of(column, target)
                said_before = {text: before[text] for text in texts if text in before}
                made.values[target.code] = meanings(target.code, texts) | said_before
        return made


_FOR_ALL_ROWS = (
    "own_party",
    "title_pattern",
    "kind",
    "kind_of_title",
    "stage",
    "notes_status",
    "order",
    "publisher",
    "source_title",
    "links_from",
)


class ValuesForm(_Columned):
    """What each distinct text of the columns with codes means."""

    def __init__(self, survey: Survey, choices: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(survey, choices, *args, **kwargs)
        self.asked: list[tuple[Target, ColumnSurvey, list[tuple[str, str]]]] = []
        for target in targets().values():
            for column in columns_of(survey, choices, target):
                listed = texts_of(column, target)
                asked = [(f"{target.code}-{number}", text) for number, text in enumerate(listed)]
                self.asked.append((target, column, asked))
                known = _known(choices, target)
                guessed = meanings(target.code, listed)
                offered = [("", _("Choose")), (NOTHING, _("says nothing")), *_codes(target)]
                for name, text in asked:
                    meant = known.get(_key(text), guessed.get(text))
                    self.fields[name] = forms.ChoiceField(
                        label=text,
                        required=False,
                        choices=offered,
                        initial=NOTHING if meant == "" else meant or "",
                    )
        # what the register cannot read, to be written otherwise
        self.unread: list[tuple[Target, ColumnSurvey, list[tuple[str, str]]]] = []
        for target, column, texts in unread_in(survey, choices):
            named = [(f"{target.code}-written-{number}", text) for number, text in enumerate(texts)]
            self.unread.append((target, column, named))
            known = _known(choices, target)
            for name, text in named:
                self.fields[name] = forms.CharField(
                    label=text, required=False, max_length=100, initial=known.get(_key(text), "")
                )

    def groups(self) -> Iterator[dict[str, Any]]:
        for target, column, texts in (*self.asked, *self.unread):
            counts = column.texts
            rows = [{"field": self[name], "count": counts.get(text, 0)} for name, text in texts]
            is_unread = not target.has_values
            yield {"target": target, "column": column, "rows": rows, "is_unread": is_unread}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for target, _column, texts in self.asked:
            for name, _asked in texts:
                if not said.get(name) and target.code != AREAS:
                    self.add_error(
                        name, gettext("Choose what this text means, or that it says nothing.")
                    )
        for target, column, texts in self.unread:
            unit = self.before.columns[column.heading].unit
            for name, _text in texts:
                typed = said.get(name, "")
                if typed and not can_be_read(target.code, unit, typed):
                    self.add_error(name, _CANNOT_BE_READ[target.is_date])
        return said

    def choices(self) -> Choices:
        made = self.before
        for target, _column, texts in self.asked:
            said = {text: self.cleaned_data.get(name, "") for name, text in texts}
            meant = {text: "" if code == NOTHING else code for text, code in said.items() if code}
            made.values[target.code] = _unasked(made, target, texts) | meant
        for target, _column, texts in self.unread:
            written = {text: self.cleaned_data.get(name, "") for name, text in texts}
            made.values[target.code] = _unasked(made, target, texts) | written
        return made


def _key(text: str) -> str:
    """Return a text as a profile compares it."""
    return text.strip().casefold()


def _known(choices: Choices, target: Target) -> dict[str, str]:
    return {_key(text): meant for text, meant in choices.values.get(target.code, {}).items()}


def _unasked(choices: Choices, target: Target, asked: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the meanings of texts that this file does not have: the next one may."""
    here = {_key(text) for _name, text in asked}
    known = choices.values.get(target.code, {})
    return {text: meant for text, meant in known.items() if _key(text) not in here}


_CANNOT_BE_READ = (
    _("Write a length, such as 3 years, 18 months or indefinite, or leave this empty."),
    _(
        "Write a date, such as 15.03.2021 or March 2021, for an end also “indefinite”, or leave this empty."
    ),
)


def unread_in(survey: Survey, choices: Choices) -> Iterator[tuple[Target, ColumnSurvey, list[str]]]:
    """Yield the columns of dates and lengths with those of their texts that the register cannot read."""
    of_heading = {column.heading: column for column in survey.columns}
    for target in targets().values():
        if not (target.is_date or target.code == DURATION_IN_WORDS):
            continue
        for heading in choices.of(target.code):
            column = of_heading[heading]
            if texts := unread(target.code, choices.columns[heading].unit, column.texts):
                yield target, column, texts


def columns_of(survey: Survey, choices: Choices, target: Target) -> list[ColumnSurvey]:
    """Return the columns that become something with codes, of which each text is asked about."""
    headings = choices.of(target.code) if target.has_values else []
    return [column for column in survey.columns if column.heading in headings and column.texts]


def texts_of(column: ColumnSurvey, target: Target) -> list[str]:
    """Return the texts that are asked about: of areas, the parts of each cell, and of many the first."""
    if target.code != AREAS:
        return list(column.texts)
    parts = (part for text in column.texts for part in parted(text, AREA_SEPARATORS))
    return list(dict.fromkeys(parts))[:MOST_TEXTS]


def _codes(target: Target) -> list[tuple[str, str]]:
    if target.code == AREAS:
        return [(area.slug, area.name) for area in Area.objects.all()]
    return codes_of(target.code)


class KeepForm(forms.Form):
    """The name under which a mapping is kept."""

    title = forms.CharField(label=_("Name"), max_length=60)

"""The five steps of an import: always the same names in the same order, whatever the file.

A step that this file does not need is passed by, and says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.admin.import_column_forms import columns_of, unread_in
from agreements.domain.choices import ImportState
from agreements.exchange.importing import keeping
from agreements.exchange.importing.mapping.choices import Choices, choices_of
from agreements.exchange.importing.mapping.surveys import Survey
from agreements.exchange.importing.mapping.targets import targets
from agreements.exchange.importing.report import ANSWERED
from agreements.models import Import

FILE, COLUMNS, VALUES, PARTIES, PREVIEW = "file", "columns", "values", "parties", "preview"
TITLES: dict[str, str | Promise] = {
    FILE: _("File"),
    COLUMNS: _("Columns"),
    VALUES: _("Values"),
    PARTIES: _("Parties"),
    PREVIEW: _("Preview"),
}


@dataclass(frozen=True)
class Step:
    """One step as the pages show it; without a URL it cannot be opened now."""

    title: str | Promise
    url: str = ""
    is_current: bool = False
    is_passed: bool = False


def asks_for_values(survey: Survey, choices: Choices) -> bool:
    """Whether a column has codes, or texts that the register cannot read, so that the step of the values has a question."""
    has_codes = any(columns_of(survey, choices, target) for target in targets().values())
    return has_codes or any(True for _unread in unread_in(survey, choices))


def steps(run: Import | None, current: str) -> Iterator[Step]:
    """Yield the steps of an import that is at the `current` one; None is an import whose file is still to be chosen."""
    for code, title in TITLES.items():
        is_current = code == current
        if run is None or code == FILE or run.work or not _is_due(run, code):
            yield Step(title, is_current=is_current)
        elif not _has_questions(run, code):
            yield Step(title, is_current=is_current, is_passed=not is_current)
        else:
            page = "change" if code == PREVIEW else code
            url = reverse(f"admin:agreements_import_{page}", args=[run.pk])
            yield Step(title, url, is_current=is_current)


def _is_due(run: Import, code: str) -> bool:
    """Whether what goes before this step is done, so that it is known whether it asks anything."""
    match code:
        case "columns":
            return True
        case "values":
            return bool(run.mapping) or run.state == ImportState.PREVIEWED
    return run.state == ImportState.PREVIEWED


def _has_questions(run: Import, code: str) -> bool:
    match code:
        case "columns":
            return bool(run.survey.get("columns")) and keeping.is_open(run)
        case "values":
            if not run.mapping or not keeping.is_open(run):
                return False
            survey = Survey.from_json(run.survey)
            return asks_for_values(survey, choices_of(run.mapping, survey.headings))
        case "parties":
            has_answers = any(line["kind"] == ANSWERED for line in run.notes)
            return bool(run.unknown_parties) or has_answers
    return True

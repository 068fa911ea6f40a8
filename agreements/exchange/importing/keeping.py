"""Keeps what a clerk chose for the columns of a file: on its import, and under a name for the files to come."""

from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.contrib.auth.models import User
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agreements.domain.choices import ImportState
from agreements.exchange.importing import profiles, runs
from agreements.exchange.importing.mapping.choices import Choices, choices_of, name_of
from agreements.exchange.importing.mapping.suggesting import suggested
from agreements.exchange.importing.mapping.surveys import Survey
from agreements.exchange.importing.profiles import REGISTER, from_table
from agreements.exchange.importing.refusals import ImportRefusedError
from agreements.models import Import, ImportProfile
from agreements.search import fold


def is_open(run: Import) -> bool:
    """Whether the columns of an import may still be chosen: it is not decided, and not one of the register's own files."""
    return run.state in runs.UNDECIDED and run.profile != REGISTER


def choices_for(run: Import, survey: Survey) -> Choices:
    """Return what was chosen for a file, or else what is suggested."""
    table = table_for(run, survey)
    choices = choices_of(table, survey.headings) if table else suggested(survey)
    if not table.get("source"):
        choices.source_title = PurePath(run.file_name).stem
    return choices


def table_for(run: Import, survey: Survey) -> dict[str, Any]:
    """Return the profile of a file: as chosen for it, the one that knows it, or that of the last file with its columns.

    Empty if there is none.
    """
    if run.mapping:
        return run.mapping
    if not run.profile:
        return _last(survey)
    # its rows are remembered under its name, whatever becomes of it here
    return {"remembered_as": run.profile, **profiles.content_of(run.profile)}


def _last(survey: Survey) -> dict[str, Any]:
    """Return the mapping of the last file with these columns that was imported, empty if there was none."""
    same = Import.objects.filter(profile=name_of(survey.headings), state=ImportState.APPLIED)
    return same.order_by("-pk").values_list("mapping", flat=True).first() or {}


def remember(run: Import, table: dict[str, Any], *, name: str) -> None:
    """Keep a mapping on its import. Raises `ImportRefusedError`, for one that is no profile too."""
    from_table(name, table).check_headings(Survey.from_json(run.survey).headings)
    free = Import.objects.filter(pk=run.pk, state__in=runs.UNDECIDED, work="")
    if not free.update(mapping=table, profile=name):
        runs.refuse_decided(run)
        raise ImportRefusedError(_("The file is already being processed. Wait until that is done."))
    run.mapping, run.profile = table, name


def keep(run: Import, title: str, *, by: User, at: datetime) -> ImportProfile:
    """Keep the mapping of an import as a profile with this title; one with the same name and columns is replaced.

    Raises `ProfileError` if the name is taken by a profile for other columns.
    """
    name = slugify(fold(title))[:60] or run.profile
    table = {**run.mapping, "title": title, **({"file": run.reading} if run.reading else {})}
    known = ImportProfile.objects.filter(name=name).first()
    is_same = known is not None and known.table.get("remembered_as", name) == table["remembered_as"]
    return profiles.keep(name, table, by=by, at=at, replaces=is_same)

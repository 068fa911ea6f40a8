"""Publishes many records, such as an imported register: a few in each transaction, so that others can write in between.

What is left to do is stored, so a run that was interrupted goes on where it stopped, and none is published twice. Each
record takes the step of `workflow` by itself; one that is refused has its reason and stops no other. The command and the
admin call this; the admin has the command do it in a process of its own.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.curation import workflow
from agreements.curation.history.completeness import IncompleteError
from agreements.curation.history.recording import recorded
from agreements.curation.work_queue import QUESTIONS, Asked
from agreements.domain.choices import Publication, PublicationVerb, PublishingOutcome, RowOutcome
from agreements.domain.chunks import in_chunks
from agreements.models import Agreement, ImportedRecord, PublishingItem, PublishingRun
from agreements.models.querysets import AgreementQuerySet

# written in one transaction: a second or so, for which SQLite lets nobody else write
TOGETHER = 25
_INSERTED = 1_000
_ATTEMPTS = 5
_PAUSE = 0.05
PUBLISHABLE = (Publication.DRAFT, Publication.IN_REVIEW)
_started: list["subprocess.Popen[bytes]"] = []

Progress = Callable[[int], object]
_Filter = Callable[[AgreementQuerySet, str, date], AgreementQuerySet]


class ChosenError(Exception):
    """A filter that the list of agreements does not have; the text names those that it has."""


# Which records


def chosen(filters: Mapping[str, str], *, by: User, day: date) -> AgreementQuerySet:
    """Return the drafts and records in review that the staff's list shows with these parameters.

    Raises `ChosenError`.
    """
    found: AgreementQuerySet = Agreement.objects.filter(publication__in=PUBLISHABLE)
    questions = {question.code: question for question in QUESTIONS}
    for name, value in filters.items():
        if question := questions.get(f"{name}={value}"):
            found = question.rows(found, Asked(by, day))
        elif name in _FILTERS:
            found = _FILTERS[name](found, value, day)
        else:
            known = ", ".join(sorted({*_FILTERS, *(each.parameter for each in QUESTIONS)}))
            sentence = _("There is no filter “%(name)s=%(value)s”. There are: %(known)s.")
            raise ChosenError(sentence % {"name": name, "value": value, "known": known})
    return found


def _of(column: str) -> _Filter:
    return lambda found, value, day: found.filter(**{column: value})


# As the staff's list names them; Django's own filters of the list add “__exact”.
_FILTERS: dict[str, _Filter] = {
    "q": lambda found, value, day: found.containing(value),
    "status": lambda found, value, day: found.having_status([value], day),
    "country": lambda found, value, day: found.of_countries([value]),
    "area": lambda found, value, day: found.in_areas([value]),
    **{
        f"{column}{ending}": _of(column)
        for column in ("publication", "verification", "kind")
        for ending in ("", "__exact")
    },
}


def created_by_import(number: int) -> AgreementQuerySet:
    """Return the drafts and records in review that this import created."""
    lines = ImportedRecord.objects.filter(run=number, outcome=RowOutcome.CREATED)
    return Agreement.objects.filter(publication__in=PUBLISHABLE, pk__in=lines.values("agreement"))


# Runs


@transaction.atomic
def begun(
    agreements: AgreementQuerySet, *, by: User, at: datetime, told: str = ""
) -> PublishingRun:
    """Return a run that is to publish these agreements; `told` says by what they were chosen. Constant memory."""
    run = PublishingRun.objects.create(by=by, began_at=at, seen_at=at, chosen=told[:2_000])
    rows = agreements.order_by("pk").values_list("pk", "ref").distinct()
    for chunk in in_chunks(rows.iterator(_INSERTED), _INSERTED):
        PublishingItem.objects.bulk_create(
            PublishingItem(run=run, agreement_id=key, ref=ref) for key, ref in chunk
        )
    return run


def carry_on(run: PublishingRun, *, progress: Progress = lambda count: None) -> None:
    """Publish what is waiting in this run, a few records at a time, until nothing is."""
    waiting = run.items.filter(outcome=PublishingOutcome.WAITING).order_by("pk")
    while keys := list(waiting.values_list("pk", flat=True)[:TOGETHER]):
        _tried_again(run, keys)
        _still_here(run, timezone.now())
        progress(len(keys))
        if connection.vendor == "sqlite":
            time.sleep(_PAUSE)  # somebody else may be waiting to write
    PublishingRun.objects.filter(pk=run.pk, ended_at=None).update(ended_at=timezone.now())


def _still_here(run: PublishingRun, now: datetime) -> None:
    """Say that this run is going on, and that those begun meanwhile, which come after it, are not forgotten."""
    PublishingRun.objects.filter(pk=run.pk).update(seen_at=now)
    waiting_for_their_turn().update(seen_at=now)


def waiting_for_their_turn() -> QuerySet[PublishingRun]:
    """Return the runs that are to be taken up next, the first one first; not those interrupted, which wait for a person."""
    return PublishingRun.objects.going_on(timezone.now()).order_by("pk")


def _tried_again(run: PublishingRun, keys: list[int]) -> None:
    """Publish these, again if somebody else's change came in between, and one by one if one of them spoils it for all."""
    for attempt in range(_ATTEMPTS):
        try:
            return _publish(run, keys)
        except (OperationalError, IntegrityError):
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(_PAUSE * 2**attempt)
        except IncompleteError as refusal:
            if len(keys) > 1:
                for key in keys:
                    _tried_again(run, [key])
            else:
                _note(keys[0], PublishingOutcome.REFUSED, str(refusal))
            return None
    return None


def _publish(run: PublishingRun, keys: list[int]) -> None:
    with recorded(by=run.by):
        items = PublishingItem.objects.select_for_update().filter(
            pk__in=keys, outcome=PublishingOutcome.WAITING
        )
        # locked in the order in which everyone else locks agreements
        for item in sorted(items, key=lambda item: item.agreement_id or 0):
            _note(item.pk, *_outcome(run, item))


def _outcome(run: PublishingRun, item: PublishingItem) -> tuple[PublishingOutcome, str]:
    agreement = Agreement.objects.filter(pk=item.agreement_id or 0).first()
    if agreement is not None and agreement.is_public:
        return PublishingOutcome.UNCHANGED, ""
    try:
        workflow.take(
            PublicationVerb.PUBLISH, agreement or Agreement(), by=run.by, at=timezone.now()
        )
    except workflow.StepError as refusal:
        return PublishingOutcome.REFUSED, str(refusal)
    return PublishingOutcome.PUBLISHED, ""


def _note(item: int, outcome: PublishingOutcome, why: str) -> None:
    PublishingItem.objects.filter(pk=item).update(outcome=outcome, why=why[:10_000])


# A process of its own


def start(run: PublishingRun) -> None:
    """Have a process carry on with the run; it ends by itself if another one is publishing, which then takes this one up."""
    PublishingRun.objects.filter(pk=run.pk).update(seen_at=timezone.now())
    _started[:] = [process for process in _started if process.poll() is None]
    command: list[Any] = [sys.executable, settings.BASE_DIR / "manage.py", "publish_agreements"]
    process = subprocess.Popen(  # noqa: S603
        [*command, "--run", str(run.pk)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ,
        # a signal to the server's group does not end it
        start_new_session=True,
    )
    _started.append(process)

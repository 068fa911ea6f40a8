"""The steps a record takes between draft and published: who may see it changes, the agreement itself does not.

The admin's actions and its form call these. Every row is saved by itself, so that what hangs on the save of one
(whether it supersedes another, its history) is kept.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from agreements.choices import Basis, Publication
from agreements.models import Agreement, Evidence, Source


@transaction.atomic
def publish(agreements: Iterable[Agreement], at: datetime) -> list[Agreement]:
    """Show these agreements to the public and return those that were not shown before; `at` is the moment."""
    hidden = [agreement for agreement in agreements if not agreement.is_public]
    for agreement in hidden:
        agreement.publication = Publication.PUBLISHED
        stamp_first_publication(agreement, at)
        _save(agreement)
    return hidden


@transaction.atomic
def withdraw(agreements: Iterable[Agreement]) -> list[Agreement]:
    """Take these agreements from the public and return those that were shown; drafts stay drafts."""
    shown = [agreement for agreement in agreements if agreement.is_public]
    for agreement in shown:
        agreement.publication = Publication.WITHDRAWN
        _save(agreement)
    return shown


def stamp_first_publication(agreement: Agreement, at: datetime) -> None:
    """Note the moment an agreement is first published, on the object; later publications do not move it."""
    if agreement.is_public and agreement.published_at is None:
        agreement.published_at = at


@transaction.atomic
def cite(agreement: Agreement, *, source: Source, facts: Iterable[str]) -> list[Evidence]:
    """Note that the source states these facts (`Fact` codes) and return the evidence that is new.

    A fact that rests on this source already, at whatever place in it, is left as it is.
    """
    resting = set(agreement.evidence.filter(source=source).values_list("fact", flat=True))
    return [
        Evidence.objects.create(agreement=agreement, fact=fact, source=source, basis=Basis.STATED)
        for fact in facts
        if fact not in resting
    ]


def _save(agreement: Agreement) -> None:
    agreement.save(update_fields=["publication", "published_at", "updated_at"])

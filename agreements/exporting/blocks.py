"""The agreements of a file as plain values, a thousand at a time, with what belongs to each.

Every format that holds the whole selection reads it here. Rows stream from the database; a relation is fetched for a
block at a time, in one query, and only if the format asks for it. So a register of any size passes through a few
megabytes.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any

from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast

from agreements.choices import Publication
from agreements.models import (
    Agreement,
    Commitment,
    Document,
    Event,
    Evidence,
    Participation,
    Relation,
    Signatory,
    Source,
)
from agreements.querysets import AgreementQuerySet

BLOCK_ROWS = 1000

Values = dict[str, Any]
ByAgreement = dict[int, list[Values]]

_DATES = ("signed", "in_force", "expires", "expires_stated", "terminated", "review_due")
_STORED = (
    "id", "ref", "title", "summary", "kind", "legal_nature", "stage", "signed_earliest", "signed_latest", "place",
    "term_kind", "term_months", "notice_days", "superseded_on", "parties_note", "responsible_unit", "public_notes",
    "verification", "published_at", "updated_at",
)  # fmt: skip
_SOURCE = (
    "slug", "publisher", "title", "author", "url", "published", "published_at", "retrieved", "language", "note",
)  # fmt: skip


def blocks(agreements: AgreementQuerySet, day: date) -> Iterator["Block"]:
    """Yield these agreements in their order, each with its `status` on `day`, a thousand to a block."""
    rows = _stored(agreements, day)
    while block := list(islice(rows, BLOCK_ROWS)):
        yield Block(block)


def _stored(agreements: AgreementQuerySet, day: date) -> Iterator[Values]:
    # The dates are read as the text they are stored as: a million of them need not be parsed to be written again.
    as_text = {f"{name}_text": Cast(name, TextField()) for name in _DATES}
    return (
        agreements.with_status(day)
        .annotate(**as_text)
        .values(*_STORED, "status", *as_text)
        .iterator(chunk_size=BLOCK_ROWS)
    )


class Block:
    """Up to a thousand agreements as values, and by their `id` what belongs to them, in its order.

    Only what the public may see is in it: public documents, and relations to published agreements. Each property
    costs one query, the first time it is asked for.
    """

    def __init__(self, rows: list[Values]) -> None:
        self.rows = rows
        self._ids = [row["id"] for row in rows]

    @cached_property
    def participations(self) -> ByAgreement:
        return self._of(
            Participation.objects.order_by("position", "id"),
            "role", slug=F("party__slug"), name=F("party__name"), kind=F("party__kind"), country=F("party__country"),
        )  # fmt: skip

    @cached_property
    def areas(self) -> ByAgreement:
        links = Agreement.areas.through.objects.order_by("area__slug")
        return self._of(links, slug=F("area__slug"), name=F("area__name"))

    @cached_property
    def signatories(self) -> ByAgreement:
        return self._of(
            Signatory.objects.order_by("position", "id"),
            "name", "title", "as_published", "signed", party_slug=F("party__slug"),
        )  # fmt: skip

    @cached_property
    def evidence(self) -> ByAgreement:
        rows = Evidence.objects.order_by("id")
        return self._of(
            rows, "fact", "basis", "locator", "note",
            source_slug=F("source__slug"), source_url=F("source__url"), source_title=F("source__title"),
        )  # fmt: skip

    @cached_property
    def events(self) -> ByAgreement:
        rows = Event.objects.all()
        return self._of(
            rows,
            "kind",
            "date",
            "place",
            "note",
            party_slug=F("party__slug"),
            source_slug=F("source__slug"),
        )

    @cached_property
    def sources(self) -> dict[str, Values]:
        """What the evidence and the events rest on, by its slug."""
        of_evidence = Evidence.objects.filter(agreement__in=self._ids).values("source")
        of_events = Event.objects.filter(agreement__in=self._ids).values("source")
        resting_on = Source.objects.filter(Q(pk__in=of_evidence) | Q(pk__in=of_events))
        return {source["slug"]: source for source in resting_on.values(*_SOURCE)}

    @cached_property
    def commitments(self) -> ByAgreement:
        rows = Commitment.objects.all()
        return self._of(
            rows, "text", "due", "progress", "reviewed", "note", party_slug=F("party__slug")
        )

    @cached_property
    def documents(self) -> ByAgreement:
        rows = Document.objects.filter(is_public=True).order_by("kind", "id")
        return self._of(rows, "id", "kind", "title", "address", "language", "size", "sha256")

    @cached_property
    def relations(self) -> ByAgreement:
        public = Relation.objects.filter(target__publication=Publication.PUBLISHED)
        return self._of(
            public.order_by("kind", "id"), "kind", "note", ref=F("target__ref"), title=F("target__title")
        )  # fmt: skip

    @cached_property
    def inverse_relations(self) -> ByAgreement:
        """What other agreements say of these, by the `id` of these."""
        public = Relation.objects.filter(agreement__publication=Publication.PUBLISHED)
        return self._of(
            public.order_by("kind", "id"), "kind", "note", ref=F("agreement__ref"), title=F("agreement__title"),
            belonging_to="target",
        )  # fmt: skip

    def _of(
        self, rows: "QuerySet[Any]", *names: str, belonging_to: str = "agreement", **renamed: F
    ) -> ByAgreement:
        found: ByAgreement = defaultdict(list)
        owner = F(f"{belonging_to}_id")
        values = rows.filter(**{f"{belonging_to}__in": self._ids}).values(
            *names, owner=owner, **renamed
        )
        for value in values.iterator(chunk_size=BLOCK_ROWS):
            found[value.pop("owner")].append(value)
        return found

"""The agreements of a file as plain values, a thousand at a time, with their related rows.

Every format that contains the whole selection reads it here. Rows are streamed from the database; each kind of related
row is fetched in one query per block, and only if the format needs it. So a register of any size needs only a few
megabytes of memory.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any

from django.db import connections
from django.db.models import F, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from agreements.domain.choices import Publication
from agreements.domain.facts import STORED
from agreements.exchange.exporting.columns import written
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
from agreements.models.querysets import AgreementQuerySet

BLOCK_ROWS = 1000

Values = dict[str, Any]
ByAgreement = dict[int, list[Values]]

_STORED = ("id", *STORED)
_SOURCE = (
    "slug", "publisher", "title", "author", "url", "published", "published_at", "retrieved", "language", "note",
)  # fmt: skip


def blocks(agreements: AgreementQuerySet, day: date) -> Iterator["Block"]:
    """Yield these agreements in their order, each with its `status` on `day`, in blocks of a thousand."""
    names = (*_STORED, "status")
    columns = [written(Agreement, name) for name in _STORED]
    stored = agreements.with_status(day).values_list(*columns, "status")
    rows = stored.iterator(chunk_size=BLOCK_ROWS)
    while block := [_named(names, row) for row in islice(rows, BLOCK_ROWS)]:
        yield Block(block, agreements.db)


class Block:
    """Up to a thousand agreements as values, and their related rows by `id`, in order.

    Values are formatted as in `columns.written`, under the names that files use. Only public content is included:
    public documents, and relations to published agreements. Each property costs one query, on first use.
    """

    def __init__(self, rows: list[Values], database: str) -> None:
        self.rows = rows
        self._database = database
        self._ids = [row["id"] for row in rows]

    @cached_property
    def participations(self) -> ByAgreement:
        return self._of(
            Participation.objects.order_by("position", "id"),
            "role", slug="party__slug", name="party__name", kind="party__kind", country="party__country",
        )  # fmt: skip

    @cached_property
    def areas(self) -> ByAgreement:
        links = Agreement.areas.through.objects.order_by("area__slug")
        return self._of(links, slug="area__slug", name="area__name")

    @cached_property
    def signatories(self) -> ByAgreement:
        return self._of(
            Signatory.objects.order_by("position", "id"),
            "name", "title", "as_published", "signed", party="party__slug",
        )  # fmt: skip

    @cached_property
    def evidence(self) -> ByAgreement:
        rows = Evidence.objects.order_by("id")
        return self._of(rows, "fact", "basis", "locator", "note", source="source__slug")

    @cached_property
    def addresses(self) -> dict[int, list[str]]:
        """Where the sources of the evidence are: their URLs, or their titles if they have none."""
        rows = Evidence.objects.filter(agreement__in=self._wanted(self._ids)).order_by("id")
        columns = [written(Evidence, f"source__{name}") for name in ("url", "title")]
        address = Coalesce(*columns, output_field=TextField())
        found: dict[int, list[str]] = defaultdict(list)
        for owner, text in rows.values_list("agreement_id", address):
            found[owner].append(text)
        return found

    @cached_property
    def events(self) -> ByAgreement:
        return self._of(
            Event.objects.all(),
            "kind", "date", "place", "note", party="party__slug", source="source__slug",
        )  # fmt: skip

    @cached_property
    def sources(self) -> dict[str, Values]:
        """The sources of the evidence and the events, by slug."""
        named = {
            row["source"]
            for rows in (*self.evidence.values(), *self.events.values())
            for row in rows
        }
        columns = [written(Source, name) for name in _SOURCE]
        rows = Source.objects.filter(slug__in=self._wanted(named - {None}, "text"))
        return {row[0]: _named(_SOURCE, row) for row in rows.order_by().values_list(*columns)}

    @cached_property
    def commitments(self) -> ByAgreement:
        return self._of(
            Commitment.objects.all(),
            "text", "due", "progress", "reviewed", "note", party="party__slug",
        )  # fmt: skip

    @cached_property
    def documents(self) -> ByAgreement:
        rows = Document.objects.filter(is_public=True).order_by("kind", "id")
        return self._of(rows, "kind", "title", "language", "size", "sha256", url="address", id="id")

    @cached_property
    def relations(self) -> ByAgreement:
        public = Relation.objects.filter(target__publication=Publication.PUBLISHED)
        return self._of(
            public.order_by("kind", "id"), "kind", ref="target__ref", title="target__title", note="note"
        )  # fmt: skip

    @cached_property
    def inverse_relations(self) -> ByAgreement:
        """Relations in which other agreements name these, by the `id` of these."""
        public = Relation.objects.filter(agreement__publication=Publication.PUBLISHED)
        return self._of(
            public.order_by("kind", "id"), "kind", ref="agreement__ref", title="agreement__title", note="note",
            belonging_to="target",
        )  # fmt: skip

    def _of(
        self,
        rows: "QuerySet[Any]",
        *names: str,
        belonging_to: str = "agreement",
        **renamed: str,
    ) -> ByAgreement:
        paths = {**{name: name for name in names}, **renamed}
        columns = [written(rows.model, path) for path in paths.values()]
        wanted = rows.filter(**{f"{belonging_to}__in": self._wanted(self._ids)})
        found: ByAgreement = defaultdict(list)
        # The owner comes last, after the named columns.
        for row in wanted.values_list(*columns, F(f"{belonging_to}_id")):
            found[row[-1]].append(_named(paths, row))
        return found

    def _wanted(self, keys: Collection[Any], kind: str = "bigint") -> RawSQL:
        """Return the keys as one parameter: for a thousand of them Django would take longer than the database."""
        if connections[self._database].vendor == "sqlite":
            return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(keys))])
        return RawSQL(f"SELECT unnest(%s::{kind}[])", [list(keys)])  # noqa: S611 - a type's name


def _named(names: Collection[str], row: tuple[Any, ...]) -> Values:
    return dict(zip(names, row, strict=False))

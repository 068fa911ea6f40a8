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
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import F, Model, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from agreements.domain.choices import Publication
from agreements.domain.facts import STORED
from agreements.domain.participation import OVER_TIME
from agreements.exchange.exporting.columns import written, written_day
from agreements.models import (
    Agreement,
    Commitment,
    Document,
    Event,
    Evidence,
    ExternalIdentifier,
    LanguageVersion,
    Participation,
    Period,
    Relation,
    Signatory,
    Source,
)
from agreements.models.querysets import AgreementQuerySet, day_of

BLOCK_ROWS = 1000

Values = dict[str, Any]
ByAgreement = dict[int, list[Values]]

_STORED = ("id", *STORED)


class Related(NamedTuple):
    """Rows that belong to agreements, in order, and the paths of their columns by the names that files use."""

    rows: QuerySet[Model]
    paths: dict[str, str]
    owner: str = "agreement"


def _columns(*names: str, **paths: str) -> dict[str, str]:
    return {**{name: name for name in names}, **paths}


SOURCES = Related(
    Source.objects.order_by(),
    _columns(
        "slug", "publisher", "title", "author", "url", "published", "published_at", "retrieved", "language", "note",
    ),
)  # fmt: skip

_PUBLISHED = Publication.PUBLISHED

# Only what is public: public documents and commitments, and relations to published agreements.
RELATED = {
    "parties": Related(
        Participation.objects.order_by("position", "id"),
        _columns(
            "role", slug="party__slug", name="party__name", kind="party__kind", country="party__country",
            **{name: name for name in OVER_TIME},
        ),
    ),
    "areas": Related(
        Agreement.areas.through.objects.order_by("area__slug"),
        _columns(slug="area__slug", name="area__name"),
    ),
    "signatories": Related(
        Signatory.objects.order_by("position", "id"),
        _columns(
            "name", "title", "as_published", "signed", party="party__slug", second_party="second_party__slug",
            third_party="third_party__slug", person="person__slug",
        ),
    ),
    "events": Related(
        Event.objects.all(),
        _columns("kind", "date", "place", "note", party="party__slug", source="source__slug"),
    ),
    "periods": Related(
        Period.objects.filter(is_public=True),
        _columns("kind", "first", "last", "note", by="by__ref"),
    ),
    "relations": Related(
        Relation.objects.filter(target__publication=_PUBLISHED).order_by("kind", "id"),
        _columns("kind", ref="target__ref", title="target__title", note="note"),
    ),
    "inverse_relations": Related(
        Relation.objects.filter(agreement__publication=_PUBLISHED).order_by("kind", "id"),
        _columns("kind", ref="agreement__ref", title="agreement__title", note="note"),
        owner="target",
    ),
    "commitments": Related(
        Commitment.objects.in_public(),
        _columns("text", "due", "progress", "reviewed", "note", party="party__slug"),
    ),
    "documents": Related(
        Document.objects.filter(is_public=True).order_by("kind", "id"),
        _columns("kind", "title", "language", "size", "sha256", url="address", id="id"),
    ),
    "evidence": Related(
        Evidence.objects.in_public().order_by("id"),
        _columns(
            "fact", "basis", "locator", "note", source="source__slug", document="document_id",
            is_document_public="document__is_public", address="document__address",
        ),
    ),
    "identifiers": Related(
        ExternalIdentifier.objects.in_public().order_by("scheme", "value"),
        _columns("scheme", "value"),
    ),
    "languages": Related(
        LanguageVersion.objects.all(),
        _columns("language", "status", "prevails", "title", "summary"),
    ),
}  # fmt: skip


def blocks(agreements: AgreementQuerySet, day: date) -> Iterator["Block"]:
    """Yield these agreements in their order, each with its `status` on `day`, in blocks of a thousand."""
    names = (*_STORED, "ends_earliest", "ends_latest", "status")
    columns = [written(Agreement, name) for name in _STORED]
    columns += [written_day(day_of("ends", side)) for side in ("earliest", "latest")]
    stored = agreements.with_status(day).values_list(*columns, "status")
    rows = stored.iterator(chunk_size=BLOCK_ROWS)
    while block := [_named(names, row) for row in islice(rows, BLOCK_ROWS)]:
        yield Block(block, agreements.db)


class Block:
    """Up to a thousand agreements as values, and the rows that belong to them by `id`, in order.

    Values are formatted as in `columns.written`, under the names that files use.
    """

    def __init__(self, rows: list[Values], database: str) -> None:
        self.rows = rows
        self._database = database
        self._ids = [row["id"] for row in rows]
        self._related: dict[str, ByAgreement] = {}

    def related(self, name: str) -> ByAgreement:
        """Return the rows of this name in `RELATED`; one query, on first use."""
        if name not in self._related:
            rows, paths, owner = RELATED[name]
            columns = [written(rows.model, path) for path in paths.values()]
            wanted = rows.filter(**{f"{owner}__in": self._wanted(self._ids)})
            found = self._related[name] = defaultdict(list)
            # The owner comes last, after the named columns.
            for row in wanted.values_list(*columns, F(f"{owner}_id")):
                found[row[-1]].append(_named(paths, row))
        return self._related[name]

    @cached_property
    def addresses(self) -> dict[int, list[str]]:
        """The URLs of the sources of the evidence, or their titles if they have no URL; one query."""
        cited = Evidence.objects.in_public().filter(source__isnull=False)
        rows = cited.filter(agreement__in=self._wanted(self._ids)).order_by("id")
        columns = [written(Evidence, f"source__{name}") for name in ("url", "title")]
        address = Coalesce(*columns, output_field=TextField())
        found: dict[int, list[str]] = defaultdict(list)
        for owner, text in rows.values_list("agreement_id", address):
            found[owner].append(text)
        return found

    @cached_property
    def sources(self) -> dict[str, Values]:
        """The sources of the evidence and the events, by slug; one query in addition to those for both."""
        resting = [*self.related("evidence").values(), *self.related("events").values()]
        slugs = {row["source"] for rows in resting for row in rows} - {None}
        columns = [written(Source, path) for path in SOURCES.paths]
        rows = SOURCES.rows.filter(slug__in=self._wanted(slugs, "text"))
        return {row[0]: _named(SOURCES.paths, row) for row in rows.values_list(*columns)}

    def _wanted(self, keys: Collection[object], kind: str = "bigint") -> RawSQL:
        """Return the keys as one parameter: with a thousand parameters Django would take longer than the database."""
        if connections[self._database].vendor == "sqlite":
            return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(keys))])
        return RawSQL(f"SELECT unnest(%s::{kind}[])", [list(keys)])  # noqa: S611 - a type's name


def _named(names: Collection[str], row: tuple[object, ...]) -> Values:
    return dict(zip(names, row, strict=False))

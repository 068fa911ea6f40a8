"""All queries on agreements, each named after what it means in the domain.

Models use these classes as their managers; filters, exports, admin and views chain their methods. Each method narrows
or annotates the rows in one respect; days and periods are arguments.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Self

import numpy as np
from django.db import models
from django.db.models import Case, Exists, F, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import OrderBy, RawSQL
from django.db.models.functions import Coalesce, Lower, NullIf
from django.db.models.lookups import GreaterThan
from numpy.typing import NDArray

from agreements.domain.choices import (
    Basis,
    Progress,
    Publication,
    RelationKind,
    Role,
    Stage,
    Status,
    Verification,
)
from agreements.domain.lifecycle import ENDINGS, PROLONGING, comes_first
from agreements.domain.partial_dates import OPEN_END
from agreements.models.edit_tokens import TokenedQuerySet
from agreements.models.work_querysets import SEEN_DOCUMENTS, WorkQuerySet
from agreements.search import Found, SearchQuery, refresh, spellings

OPEN_PROGRESS = (Progress.NOT_STARTED, Progress.UNDER_WAY, Progress.UNKNOWN)


def spelled(text: str, column: str = "searched") -> Q:
    """Whether a column of spellings contains the text in one of its spellings; false if it has no letters or digits."""
    either = Q(pk__in=[])
    for spelling in spellings(text):
        either |= Q(**{f"{column}__contains": spelling})
    return either


class Renamed(TokenedQuerySet):
    """Rows named by `slug`, to which their former slugs still lead."""

    def renamed(self, slugs: Iterable[str]) -> dict[str, str]:
        """Return the present slugs of the rows that used to have one of `slugs`, by the former slug.

        A slug that some row has now does not count as a former one. One query, and a second if any is found.
        """
        former = self.model.former_slugs.rel.related_model.objects
        taken = self.model._default_manager.filter(slug=OuterRef("slug"))
        given_up = former.filter(~Exists(taken), slug__in=list(slugs)).values_list("slug", "row")
        keys = dict(given_up)
        now = dict(self.filter(pk__in=keys.values()).values_list("pk", "slug")) if keys else {}
        return {old: now[key] for old, key in keys.items() if key in now}


class TreeQuerySet(Renamed):
    """Rows that form a tree by `parent` and are named by `slug`."""

    def at_or_below(self, slugs: Iterable[str]) -> Self:
        """The rows with these slugs and everything under them, at any depth, in one query."""
        slugs = list(slugs)
        if not slugs:
            return self.none()
        table = self.model._meta.db_table
        # UNION, not UNION ALL, so that the walk ends even if the tree contains a loop.
        walk = (
            f"WITH RECURSIVE branch(id) AS (SELECT id FROM {table} WHERE slug IN "  # noqa: S608
            f"({', '.join(['%s'] * len(slugs))}) UNION SELECT child.id FROM {table} child "
            "JOIN branch ON child.parent_id = branch.id) SELECT id FROM branch"
        )
        return self.filter(pk__in=RawSQL(walk, slugs))  # noqa: S611 - names from the model, values as parameters


def has_name(model: Any, text: str) -> Q:
    """Whether a row, or one of its other `names` in any language, contains the text in any spelling.

    A text without letters and digits is in no name.
    """
    of_row = model.names.rel.field
    named = spelled(text)
    return named | Q(pk__in=of_row.model.objects.filter(named).values(of_row.name))


class PartyQuerySet(TreeQuerySet):
    def named(self, text: str) -> Self:
        """Parties with a name that contains `text`; see `has_name`."""
        return self.filter(has_name(self.model, text))

    def with_keys(self, keys: NDArray[np.int64]) -> Self:
        """Parties with these keys, which may be as many as there are parties."""
        return self.filter(_IsAmong(F("pk"), keys=keys))

    def by_name(self, *groups: NDArray[np.int64], slugs: Collection[str] = ()) -> Self:
        """In the order of their names: first those with these slugs, then those of each group of keys, then the others."""
        named = Case(When(slug__in=list(slugs), then=0), default=1)
        ahead = [_IsAmong(F("pk"), keys=keys).desc() for keys in groups if len(keys)]
        return self.order_by(*([named] if slugs else []), *ahead, SortTitle("folded_name"), "pk")

    def in_public(self) -> Self:
        """Parties that take part in a published agreement, themselves or through a body under them.

        Each party is checked separately, up to the first such agreement: this is cheap for a few parties and for all.
        """
        participation = self.model._meta.get_field("participations").related_model._meta
        agreement = participation.get_field("agreement").related_model._meta.db_table
        return self.filter(
            _TakesPart(
                F("pk"),
                party=self.model._meta.db_table,
                participation=participation.db_table,
                agreement=agreement,
            )
        )


class _TakesPart(models.Func):
    """Whether a party, or one under it, takes part in a published agreement."""

    output_field = models.BooleanField()
    # UNION, not UNION ALL, as above.
    template = (
        "EXISTS (WITH RECURSIVE below(id) AS (SELECT %(expressions)s UNION "  # noqa: S608
        "SELECT child.id FROM %(party)s child JOIN below ON child.parent_id = below.id) "
        "SELECT 1 FROM below JOIN %(participation)s taken ON taken.party_id = below.id "
        "JOIN %(agreement)s agreed ON agreed.id = taken.agreement_id "
        f"WHERE agreed.publication = '{Publication.PUBLISHED.value}')"
    )


class CommitmentQuerySet(models.QuerySet[Any]):
    def in_public(self) -> Self:
        """Leave out those that only staff see."""
        return self.filter(is_public=True)

    def not_withdrawn(self) -> Self:
        """Commitments of the agreements that staff still maintain."""
        return self.exclude(agreement__publication=Publication.WITHDRAWN)

    def still_open(self) -> Self:
        """Commitments with a due date that are neither fulfilled nor dropped."""
        return self.filter(progress__in=OPEN_PROGRESS, due_latest__isnull=False)

    def overdue(self, day: date) -> Self:
        """Commitments still open although the last possible day of their due date is before `day`."""
        return self.still_open().filter(due_latest__lt=day)


class AgreementQuerySet(WorkQuerySet):
    # Who can see it

    def published(self) -> Self:
        return self.filter(publication=Publication.PUBLISHED)

    def with_keys(self, keys: NDArray[np.int64]) -> Self:
        """The agreements with these keys, which may be as many as there are agreements."""
        return self.filter(_IsAmong(F("pk"), keys=keys))

    # What it is about

    def in_areas(self, slugs: Iterable[str]) -> Self:
        """Agreements on one of these cooperation areas or on an area under it."""
        areas = self.model.areas.rel.model.objects.at_or_below(slugs)
        links = self.model.areas.through.objects.filter(area__in=areas.values("pk"))
        return self.filter(pk__in=links.values("agreement"))

    def of_countries(self, codes: Iterable[str]) -> Self:
        """Agreements in which one of these states (ISO 3166 codes), or one of its bodies, takes part."""
        return self._with_participants(party__country__in=list(codes))

    def of_parties(self, slugs: Iterable[str]) -> Self:
        """Agreements in which one of these parties, or a body under it, takes part."""
        participation: Any = self._participations.model
        parties = participation.party.field.related_model.objects.at_or_below(slugs)
        return self._with_participants(party__in=parties.values("pk"))

    def containing(self, text: str) -> Self:
        """Agreements that contain every word of `text`: words, "phrases", -words to exclude; the last word may be
        incomplete.

        `agreements.search` defines what is searched, and how it is folded and read. Any text is safe; one without
        letters and digits finds nothing.
        """
        query = SearchQuery.read(text)
        if not query:
            return self.none()
        found = self.filter(pk__in=Found(query.wanted)) if query.wanted else self.all()
        for term in query.unwanted:
            found = found.exclude(pk__in=Found([term]))
        return found

    # Sorting, and related rows

    def in_order(self, sort: str, q: str = "", asked: Collection[int] = ()) -> Self:
        """Sort by one of the contract's orders; unknown dates go last, and `ref` breaks every tie.

        By relevance, agreements with all words of `q` in their title come first, then the latest signed; by party, others
        than those `asked` for count.
        """
        wanted = SearchQuery.read(q).wanted
        if sort == "relevance" and wanted:
            in_title = Case(
                When(pk__in=Found(wanted, in_title=True), then=Value(0)), default=Value(1)
            )
            return self.order_by(in_title.asc(), *SORTS["-signed"])
        return self.order_by(*self._order(sort, asked))

    def latest_published(self, n: int) -> list[Any]:
        """Return the `n` most recently published; those without a known publication time come last."""
        dated = self.filter(published_at__isnull=False).order_by("-published_at", "-ref")
        found = list(dated[:n])
        return found + list(self.filter(published_at=None).order_by("-ref")[: n - len(found)])

    def first_then(self, keys: Sequence[int], sort: str, asked: Collection[int] = ()) -> Self:
        """Sort by one of the contract's orders, but with the agreements of these keys first."""
        order = self._order(sort, asked)
        if not keys:
            return self.order_by(*order)
        rest = Case(When(pk__in=keys, then=Value(0)), default=Value(1))
        return self.order_by(rest.asc(), *order)

    def _order(self, sort: str, asked: Collection[int]) -> "Order":
        if sort != "party":
            return SORTS[sort]
        of_agreement = self._participations.filter(agreement=OuterRef("pk"), role=Role.PARTY)
        # the collation of titles: by character, on every server
        named = of_agreement.order_by(SortTitle("party__folded_name")).values("party__folded_name")
        others = named.exclude(party__in=list(asked))
        first = Coalesce(Subquery(others[:1]), Subquery(named[:1]))
        return (SortTitle(first).asc(nulls_last=True), *SORTS[sort])

    def with_parties(self, *, over_time: bool = False) -> Self:
        """Prefetch the participants, their parties and the states these belong to, in order.

        Their columns over time are left out unless asked for: lists need none of the twenty.
        """
        rows = self._participations.select_related("party__parent")
        if not over_time:
            rows = rows.only("agreement", "role", "position", "party")
        return self.prefetch_related(models.Prefetch("participations", rows))

    def with_names_of_their_time(self) -> Self:
        """Prefetch the dated names of the participants, for `Party.name_in_use`; after `with_parties`."""
        participation: Any = self._participations.model
        parties = participation.party.field.related_model
        dated = parties.names.rel.related_model.objects.exclude(used_until="").order_by("pk")
        return self.prefetch_related(
            models.Prefetch("participations__party__names", dated, to_attr="dated_names")
        )

    def with_areas(self) -> Self:
        return self.prefetch_related("areas")

    # Values derived from other rows

    def refresh_derived(self) -> int:
        """Compute `superseded_on`, `verification` and `expires` of these agreements again; return how many were written.

        These follow from other rows (relations, periods, evidence, public documents); every change to these calls this
        method. The values are the same for every reader, so an unpublished agreement supersedes and prolongs nothing and
        a private document verifies nothing. If others have changed that decided their periods, call `refresh_periods` first.
        """
        return self.order_by().update(
            superseded_on=self._superseded_on(),
            verification=self._verification(),
            **self._prolonged_end(),
        )

    def refresh_verification(self) -> int:
        """Compute only `verification` again, which alone follows from evidence and documents."""
        return self.order_by().update(verification=self._verification())

    def refresh_periods(self) -> int:
        """Let each period of these agreements count only if the agreement that decided it does; return how many changed."""
        deciding = self.model._default_manager.filter(
            pk=OuterRef("by"), publication=Publication.PUBLISHED, stage=Stage.CONCLUDED
        )
        decided = self._rows("periods").filter(
            by__isnull=False, agreement__in=self.order_by().values("pk")
        )
        counts = Exists(deciding)
        return decided.exclude(is_public=counts).update(is_public=counts)

    def refresh_search(self) -> int:
        """Bring the search entries of these agreements up to date; return how many were written.

        Constant memory and about eight queries for each 500 agreements. Only bulk writers need to call it.
        """
        return sum(chunk.written for chunk in refresh(self))

    def _superseded_on(self) -> Subquery:
        later = self._rows("relations_in").filter(
            target=OuterRef("pk"),
            kind=RelationKind.SUPERSEDES,
            agreement__publication=Publication.PUBLISHED,
            agreement__stage=Stage.CONCLUDED,
        )
        reached = (
            later.order_by()
            .values("target")
            .annotate(day=Min(Coalesce("agreement__in_force_latest", "agreement__signed_latest")))
            .annotate(certain=NullIf("day", Value(OPEN_END, output_field=models.DateField())))
        )
        return Subquery(reached.values("certain"))

    def _prolonged_end(self) -> dict[str, Case]:
        """Return the end of the latest renewal or extension that counts, otherwise that of the own term.

        The latest is the one that begins last, unless an extension without a first day ends later.
        """
        prolonging = self._rows("periods").filter(
            agreement=OuterRef("pk"), is_public=True, kind__in=PROLONGING
        )
        begun = prolonging.exclude(first="").order_by("-first_latest", "-pk")
        continued = prolonging.filter(first="").order_by("-last_latest", "-pk")
        ends_later = GreaterThan(
            Subquery(continued.values("last_latest")[:1]), Subquery(begun.values("last_latest")[:1])
        )

        def end(side: str, field: models.Field) -> Case:
            return Case(
                When(ends_later, then=Subquery(continued.values(f"last{side}")[:1])),
                When(Exists(begun), then=Subquery(begun.values(f"last{side}")[:1])),
                When(Exists(continued), then=Subquery(continued.values(f"last{side}")[:1])),
                default=F(f"term_end{side}"),
                output_field=field,
            )

        return {
            "expires": end("", models.CharField()),
            "expires_earliest": end("_earliest", models.DateField()),
            "expires_latest": end("_latest", models.DateField()),
        }

    def _verification(self) -> Case:
        seen = self._rows("documents").filter(
            agreement=OuterRef("pk"), is_public=True, kind__in=SEEN_DOCUMENTS
        )
        supporting = (
            self._rows("evidence")
            .filter(agreement=OuterRef("pk"))
            .exclude(basis=Basis.CONTRADICTED)
            .order_by()
            .values("agreement")
        )
        # the documents that everybody can read count as one publisher, others as none
        read_here = Case(When(document__is_public=True, then=Value("")))
        publisher = Coalesce(Lower("source__publisher"), read_here)
        counted = supporting.annotate(n=models.Count(publisher, distinct=True))
        publishers = Coalesce(Subquery(counted.values("n")), 0)
        return Case(
            When(Exists(seen), then=Value(Verification.DOCUMENT_SEEN.value)),
            When(GreaterThan(publishers, 1), then=Value(Verification.CORROBORATED.value)),
            When(GreaterThan(publishers, 0), then=Value(Verification.SINGLE_SOURCE.value)),
            default=Value(Verification.UNVERIFIED.value),
        )

    def _with_participants(self, **lookups: object) -> Self:
        return self.filter(pk__in=self._participations.filter(**lookups).values("agreement"))


class SortTitle(models.Func):
    """The key by which titles are sorted, compared character by character, as the index contains it.

    PostgreSQL would compare it by the rules of the database's language, which differ from one server to the next.
    """

    template = "%(expressions)s"
    output_field = models.TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template='%(expressions)s COLLATE "C"', **context)


class _IsAmong(models.Func):
    """Whether a key is among many, which are passed as one parameter because a statement may only have so many.

    SQLite looks up a few keys one by one. For many it tests a byte for each possible key, so that a list is read in
    its own order only as far as its page goes; a table of the keys would have to be built first.
    """

    output_field = models.BooleanField()
    arity = 1

    def __init__(self, *expressions: F, keys: NDArray[np.int64]) -> None:
        super().__init__(*expressions)
        self.keys = keys

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, self.keys.tobytes())

    def as_sqlite(
        self, compiler: Any, connection: Any, **context: object
    ) -> tuple[str, tuple[Any, ...]]:
        key, parameters = compiler.compile(self.source_expressions[0])
        last = int(self.keys.max(initial=0))
        if last > _FEW * len(self.keys):
            found = f"{key} IN (SELECT value FROM json_each(%s))"  # noqa: S608 - a column's name
            return found, (*parameters, json.dumps(self.keys.tolist()))
        among = np.zeros(last, np.uint8)
        among[self.keys - 1] = 1
        return f"substr(%s, {key}, 1) = x'01'", (among.tobytes(), *parameters)

    def as_postgresql(
        self, compiler: Any, connection: Any, **context: object
    ) -> tuple[str, list[object]]:
        key, parameters = compiler.compile(self.source_expressions[0])
        return f"{key} = ANY(%s::bigint[])", [*parameters, self.keys.tolist()]


Order = tuple["str | SortTitle | OrderBy", ...]

# Keys count as few if they are fewer than one in this many.
_FEW = 20


def _by_date(sort: str) -> Order:
    """Sort by a partial date, unknown ones last; for the same date the latest signed come first."""
    name = sort.removeprefix("-")
    ties = () if name == "signed" else _by_date("-signed")[:2]
    days = (day_of(name, end) for end in ("earliest", "latest"))
    turned = (
        day.desc(nulls_last=True) if sort != name else day.asc(nulls_last=True) for day in days
    )
    return (*turned, *ties, "ref")


def day_of(name: str, side: str) -> F | Case:
    """The first or last possible day of a date; for the end, that of the ending that comes first."""
    if name != "ends":
        return F(f"{name}_{side}")
    cases = (
        When(comes_first(column), stage=Stage.CONCLUDED, then=F(column.replace("latest", side)))
        for column in ENDINGS.values()
    )
    return Case(*cases, output_field=models.DateField())


def _by_status() -> Order:
    """Sort in the order in which an agreement passes from one status to the next, on the day of `with_status`."""
    places = (When(status=status.value, then=Value(n)) for n, status in enumerate(Status))
    place = Case(*places, default=Value(len(Status)), output_field=models.IntegerField())
    return (place.asc(), *_by_date("-signed"))


SORTED_BY_DATE = ("-signed", "signed", "in_force", "-in_force", "ends", "-ends")

SORTS: dict[str, Order] = {
    **{sort: _by_date(sort) for sort in SORTED_BY_DATE},
    "status": _by_status(),
    "title": (SortTitle("title_sort"), "ref"),
    "ref": ("ref",),
    "-updated": ("-updated_at", "ref"),
    # what follows the name of the party
    "party": _by_date("-signed"),
    "relevance": _by_date("-signed"),
}

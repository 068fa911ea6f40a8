"""What the public sees that an agreement has, a bit each: a public document, a relation, a fact that is known.

`loading` reads them with the queries built here; filters ask for them by name (`Segment.marked`).
"""

from collections.abc import Iterator, Mapping

from agreements.domain.choices import (
    Basis,
    Kind,
    LegalNature,
    Publication,
    Stage,
    TermKind,
    TextAvailability,
)
from agreements.domain.identifiers import IMPORTED_ROW
from agreements.models import (
    Agreement,
    Commitment,
    Document,
    Evidence,
    ExternalIdentifier,
    LanguageVersion,
    Period,
    Relation,
    Signatory,
)

_LASTING = f"'{TermKind.INDEFINITE.value}', '{TermKind.AUTOMATIC_RENEWAL.value}'"
_NOT_CONCLUDED = f"stage <> '{Stage.CONCLUDED.value}'"

# Facts that may be unknown, by their code in `FACTS`. Of those in columns of the agreement, SQL says when one is known. What
# cannot exist before the conclusion is not unknown then; nor is the end of a term that has none.
KNOWN: dict[str, str] = {
    "summary": "summary <> ''",
    "kind": f"kind <> '{Kind.UNKNOWN.value}'",
    "legal_nature": f"legal_nature <> '{LegalNature.NOT_ASSESSED.value}'",
    "signed": f"signed <> '' OR {_NOT_CONCLUDED}",
    "place": f"place <> '' OR {_NOT_CONCLUDED}",
    "in_force": f"in_force <> '' OR {_NOT_CONCLUDED}",
    "term": f"term_kind <> '{TermKind.UNKNOWN.value}' OR minimum_term IS NOT NULL",
    "expires": f"expires <> '' OR term_kind IN ({_LASTING})",
    "notice": "notice IS NOT NULL",
    "funding": "funding_amount IS NOT NULL",
    "text": f"text_availability <> '{TextAvailability.UNKNOWN.value}'",
}
_IN_ROWS = ("signatories", "languages", "identifiers", "parties", "areas")
FACTS_KNOWN = (*KNOWN, *_IN_ROWS)

DOCUMENT, COMMITMENT, RELATION = "document", "commitment", "relation"
MARKS = (DOCUMENT, COMMITMENT, RELATION, *Basis.values, *(f"known_{code}" for code in FACTS_KNOWN))
BITS: Mapping[str, int] = {name: 1 << place for place, name in enumerate(MARKS)}


def known(fact: str) -> str:
    """Return the name of the mark that says that this fact is known."""
    return f"known_{fact}"


def of_columns() -> str:
    """Return the SQL of the marks that follow from the columns of an agreement, as one number."""
    signed = f"CASE WHEN {_NOT_CONCLUDED} THEN {BITS[known('signatories')]} ELSE 0 END"
    cases = (
        f"CASE WHEN {condition} THEN {BITS[known(fact)]} ELSE 0 END"
        for fact, condition in KNOWN.items()
    )
    return " + ".join((signed, *cases))


def of_rows(among: str | None) -> str:
    """Return the SQL that yields agreements, each with the number of a mark that follows from one of its rows.

    Only for these agreements, which are keys with commas between them; for all if None.
    """
    return " UNION ALL ".join(_selects(among))


def _selects(among: str | None) -> Iterator[str]:
    # those of parties and areas follow from their links
    yield _select(BITS[DOCUMENT], Document, "is_public", among)
    yield _select(BITS[COMMITMENT], Commitment, "is_public", among)
    yield _select(BITS[known("signatories")], Signatory, "TRUE", among)
    yield _select(BITS[known("languages")], LanguageVersion, "TRUE", among)
    is_shown = f"scheme <> '{IMPORTED_ROW}'"
    yield _select(BITS[known("identifiers")], ExternalIdentifier, is_shown, among)
    for column, other in (("agreement_id", "target_id"), ("target_id", "agreement_id")):
        yield _select(BITS[RELATION], Relation, _is_published(other), among, column)
    bases = " ".join(f"WHEN '{basis}' THEN {BITS[basis]}" for basis in Basis.values)
    yield _select(f"CASE basis {bases} ELSE 0 END", Evidence, _IS_SHOWN, among)


def _is_published(column: str) -> str:
    table = Agreement._meta.db_table
    return (
        f"EXISTS (SELECT 1 FROM {table} other WHERE other.id = r.{column} "  # noqa: S608
        f"AND other.publication = '{Publication.PUBLISHED.value}')"
    )


def _has_public(model: type[Commitment | Period]) -> str:
    table = model._meta.db_table
    return f"EXISTS (SELECT 1 FROM {table} x WHERE x.agreement_id = r.agreement_id AND x.is_public)"  # noqa: S608


# As in `EvidenceQuerySet.in_public`: a basis must not tell of rows that the public does not see.
_RELATED = (
    "EXISTS (SELECT 1 FROM {table} x JOIN {agreements} o ON o.id = x.{other} "
    "WHERE x.{own} = r.agreement_id AND o.publication = '{published}')"
)
_IS_SHOWN = (
    "(fact NOT IN ('relations', 'periods', 'commitments')"
    f" OR (fact = 'commitments' AND {_has_public(Commitment)})"
    f" OR (fact = 'periods' AND {_has_public(Period)})"
    " OR (fact = 'relations' AND ("
    + " OR ".join(
        _RELATED.format(
            table=Relation._meta.db_table,
            agreements=Agreement._meta.db_table,
            own=own,
            other=other,
            published=Publication.PUBLISHED.value,
        )
        for own, other in (("agreement_id", "target_id"), ("target_id", "agreement_id"))
    )
    + ")))"
)


def _select(
    mark: int | str, model: object, condition: str, among: str | None, column: str = "agreement_id"
) -> str:
    table = model._meta.db_table  # type: ignore[attr-defined]
    limited = "" if among is None else f" AND r.{column} IN ({among})"
    return f"SELECT DISTINCT r.{column}, {mark} FROM {table} r WHERE {condition}{limited}"  # noqa: S608

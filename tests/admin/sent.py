"""Builds what a browser sends from the agreement's page: fields as the page fills them in, rows as lists."""

from typing import Any

from agreements.domain.choices import (
    Basis,
    Kind,
    LegalNature,
    Progress,
    Role,
    Stage,
    TermKind,
    TextAvailability,
    TextStatus,
)

ROWS = (
    "participations",
    "signatories",
    "periods",
    "events",
    "documents",
    "relations_out",
    "commitments",
    "languages",
    "identifiers",
    "evidence",
)
UNTOUCHED: dict[str, Any] = {
    "title": "Memorandum on labour",
    "kind": Kind.MOU,
    "legal_nature": LegalNature.NOT_ASSESSED,
    "stage": Stage.CONCLUDED,
    "term_kind": TermKind.UNKNOWN,
    "text_availability": TextAvailability.UNKNOWN,
}
UNTOUCHED_ROW: dict[str, dict[str, Any]] = {
    "participations": {"role": Role.PARTY, "position": 0},
    "signatories": {"position": 0},
    "commitments": {"progress": Progress.UNKNOWN},
    "languages": {"status": TextStatus.UNKNOWN},
    "evidence": {"basis": Basis.STATED},
}


def opened(record: Any) -> dict[str, str]:
    """Return what every form sends that has just been opened for this record."""
    stored = type(record).objects.get(pk=record.pk)
    return {"edit_token": stored.edit_token, "why": "The source says so"}


def deletion(record: Any, of: Any = None) -> dict[str, str]:
    """Return what the page sends that asks whether to delete a record, or the row `of` that record."""
    row = record if of is None else of
    stored = opened(record)
    return {"post": "yes", f"edit_token-{row.pk}": stored["edit_token"], "why": stored["why"]}


def agreement_form(*, stored_rows: int = 0, of: Any = None, **fields: Any) -> dict[str, Any]:
    """Return the form's data; `participations=[{…}]` and so on give the rows of each kind.

    The first `stored_rows` of each given kind already exist, and contain their `id` and `agreement`; `of` is the
    agreement that the form has just been opened for.
    """
    rows = {kind: fields.pop(kind, []) for kind in ROWS}
    data = {**UNTOUCHED, **(opened(of) if of else {}), **fields}
    for kind, given in rows.items():
        data[f"{kind}-TOTAL_FORMS"] = len(given)
        data[f"{kind}-INITIAL_FORMS"] = min(stored_rows, len(given))
        for number, row in enumerate(given):
            for name, value in {**UNTOUCHED_ROW.get(kind, {}), **row}.items():
                data[f"{kind}-{number}-{name}"] = value
    return {name: value for name, value in data.items() if value is not None}

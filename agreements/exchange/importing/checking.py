"""Asks the models whether they accept what a file states, without a query for every row."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agreements.domain.durations import Duration
from agreements.domain.facts import ENTERED
from agreements.exchange.importing.records import FACETS, Facet, Values
from agreements.exchange.importing.statements import Statement
from agreements.models import Agreement, LanguageVersion, Participation, Relation

LENGTHS = ("term", "renewal", "minimum_term")
_NOT_FROM_FILES = {column.name for column in Agreement._meta.fields} - ENTERED.keys()


def refusals_of_term(kind: str, *lengths: Duration | None) -> list[str]:
    """Return the errors that the constraints report for a kind of term with these `LENGTHS`; costs queries."""
    term = dict(zip(LENGTHS, lengths, strict=True))
    try:
        Agreement(title="-", term_kind=kind, **term).validate_constraints({"ref"})
    except ValidationError as error:
        return list(error.messages)
    return []


def check(statement: Statement, of_term: Callable[..., list[str]]) -> None:
    """Add to the statement the models' errors in the agreement and the rows that would be written.

    `of_term` is `refusals_of_term`, or a cached version of it.
    """
    agreement = statement.as_agreement()
    try:
        agreement.clean_fields(exclude=_NOT_FROM_FILES)
        agreement.clean()
    except ValidationError as error:
        _refuse(statement, error, "", statement.facts)
    lengths = {name: getattr(agreement, name) for name in LENGTHS}
    if any(lengths.values()):
        stated = next((n for n in LENGTHS if n in statement.facts and lengths[n]), "term")
        for sentence in of_term(agreement.term_kind, *lengths.values()):
            statement.refuse(stated, lengths[stated] or "", sentence)
    for name, changes in statement.new_rows.items():
        for row in changes.written:
            _check_row(statement, FACETS[name], row)


def _refuse(statement: Statement, error: ValidationError, facet: str, values: Values) -> None:
    for name, messages in error.message_dict.items():
        statement.refuse(facet or name, values.get(name, ""), " ".join(messages))


def _check_row(statement: Statement, facet: Facet, row: Values) -> None:
    links = facet.links
    values = {name: row[name] for name in facet.columns if name in row and name not in links}
    linked = {column.name for column in facet.model._meta.fields if column.is_relation}
    try:
        checked = facet.model(**values)
        checked.clean_fields(exclude=linked)
        if isinstance(checked, (LanguageVersion, Participation)):
            checked.clean()
        # its constraints, which cost a query each, are about its own history, which few have
        if isinstance(checked, Participation) and checked.has_own_history:
            checked.validate_constraints(exclude=linked)
        key = statement.found.key if statement.found else None
        if key and row.get("target_id") == key:
            Relation(agreement_id=key, target_id=key).clean()
    except ValidationError as error:
        _refuse(statement, error, facet.name, values)
    for name, column in links.items():
        # evidence rests on a source or on a document
        is_needed = not column.null or (
            name == "source_id" and facet.name == "evidence" and not row.get("document_id")
        )
        if is_needed and row.get(name) is None:
            remedy = _("An entry lacks its %(what)s. Fill it in, or leave the entry out.")
            statement.refuse(facet.name, "", remedy % {"what": column.verbose_name})

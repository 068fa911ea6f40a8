"""Asks the models whether they accept what a file states.

Files repeat most of their values, so each value of a column is checked once. The checks across several columns of a row
are made where one of these is filled. Only periods and parties over time, of which most agreements have none, cost
queries for each row.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field, Model
from django.utils.translation import gettext as _

from agreements.domain.durations import Duration
from agreements.domain.facts import ENTERED
from agreements.domain.participation import OVER_TIME
from agreements.exchange.importing.records import FACETS, Facet, Values
from agreements.exchange.importing.statements import Statement
from agreements.models import Agreement, LanguageVersion, Participation, Period, Relation

LENGTHS = ("term", "renewal", "minimum_term")
MOST_REMEMBERED = 10_000
# What the models' checks across columns are about: without any of these there is nothing to check.
_ACROSS: dict[Any, Iterable[str]] = {
    Agreement: ("funding_amount", "funding_currency", *LENGTHS),
    Participation: OVER_TIME,
    Period: ("kind",),
    LanguageVersion: ("prevails",),
}
# Of these the database also refuses some dates. Asking the models costs queries.
_WITH_CONSTRAINTS_OF_TIME = (Participation, Period)


def refusals_of_term(kind: str, *lengths: Duration | None) -> list[str]:
    """Return the errors that the constraints report for a kind of term with these `LENGTHS`; costs queries."""
    term = dict(zip(LENGTHS, lengths, strict=True))
    try:
        Agreement(title="-", term_kind=kind, **term).validate_constraints({"ref"})
    except ValidationError as error:
        return list(error.messages)
    return []


class Checks:
    """The models' checks during one import."""

    def __init__(self) -> None:
        self._refusal_of = lru_cache(MOST_REMEMBERED, typed=True)(refusal_of)
        self._refusals_of_defaults = cache(_refusals_of_defaults)
        self._refusals_of_term = cache(refusals_of_term)

    def check(self, statement: Statement) -> None:
        """Add to the statement the models' errors in the agreement and the rows that would be written."""
        self._check_agreement(statement)
        for name, changes in statement.new_rows.items():
            for row in changes.written:
                self._check_row(statement, FACETS[name], row)

    def _check_agreement(self, statement: Statement) -> None:
        facts = statement.facts_written
        refused = self._refused(Agreement, facts)
        for name, why in refused.items():
            statement.refuse(name, statement.facts.get(name, ""), why)
        if not _needs_checks_across(Agreement, facts):
            return
        agreement = statement.as_agreement()
        if not refused:
            try:
                agreement.clean()
            except ValidationError as error:
                _refuse(statement, error, "", statement.facts)
        lengths = {name: getattr(agreement, name) for name in LENGTHS}
        if any(lengths.values()):
            stated = next((n for n in LENGTHS if n in statement.facts and lengths[n]), "term")
            for sentence in self._refusals_of_term(agreement.term_kind, *lengths.values()):
                statement.refuse(stated, lengths[stated] or "", sentence)

    def _check_row(self, statement: Statement, facet: Facet, row: Values) -> None:
        refused = self._refused(facet.model, row)
        for name, why in refused.items():
            statement.refuse(facet.name, row.get(name, ""), why)
        if not refused:
            try:
                _check_across(statement, facet, row)
            except ValidationError as error:
                _refuse(statement, error, facet.name, row)
        for name, column in facet.links.items():
            # evidence rests on a source or on a document
            is_needed = not column.null or (
                name == "source_id" and facet.name == "evidence" and not row.get("document_id")
            )
            if is_needed and row.get(name) is None:
                remedy = _("An entry lacks its %(what)s. Fill it in, or leave the entry out.")
                statement.refuse(facet.name, "", remedy % {"what": column.verbose_name})

    def _refused(self, model: type[Model], values: Values) -> dict[str, str]:
        """Return why columns of the model refuse these values, or their default where there is no value."""
        columns = _columns(model)
        refused = {
            name: why for name, why in self._refusals_of_defaults(model) if name not in values
        }
        for name, value in values.items():
            if name in columns and (why := self._refusal_of(columns[name], value)):
                refused[name] = why
        return {name: refused[name] for name in columns if name in refused} if refused else {}


@cache
def _columns(model: type[Model]) -> dict[str, "Field[Any, Any]"]:
    """Return the columns that files may fill, by name, without links to other rows."""
    columns = (column for column in model._meta.fields if not column.is_relation)
    return {
        column.name: column
        for column in columns
        if not column.generated and (model is not Agreement or column.name in ENTERED)
    }


def refusal_of(column: "Field[Any, Any]", value: object) -> str:
    """Return why a column refuses a value, as `Model.clean_fields` asks it; empty if it does not."""
    if column.blank and value in column.empty_values:
        return ""
    try:
        column.clean(value, None)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _refusals_of_defaults(model: type[Model]) -> list[tuple[str, str]]:
    """Return the columns that need a value, and what the model says without one."""
    refused = (
        (name, refusal_of(each, each.get_default())) for name, each in _columns(model).items()
    )
    return [(name, why) for name, why in refused if why]


def _needs_checks_across(model: type[Model], values: Values) -> bool:
    return any(values.get(name) not in (None, "") for name in _ACROSS.get(model, ()))


def _check_across(statement: Statement, facet: Facet, row: Values) -> None:
    if _needs_checks_across(facet.model, row):
        links = facet.links
        checked = facet.model(**{n: row[n] for n in facet.columns if n in row and n not in links})
        checked.clean()
        if isinstance(checked, _WITH_CONSTRAINTS_OF_TIME):
            linked = {column.name for column in facet.model._meta.fields if column.is_relation}
            checked.validate_constraints(exclude=linked)
    key = statement.found.key if statement.found else None
    if key and row.get("target_id") == key:
        Relation(agreement_id=key, target_id=key).clean()
    if key and row.get("by_id") == key:
        Period(agreement_id=key, by_id=key).clean()


def _refuse(statement: Statement, error: ValidationError, facet: str, values: Values) -> None:
    for name, messages in error.message_dict.items():
        statement.refuse(facet or name, values.get(name, ""), " ".join(messages))

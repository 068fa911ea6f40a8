"""Asks the models whether they accept what a file states, without a query for every row."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agreements.domain.facts import ENTERED
from agreements.exchange.importing.records import FACETS, Facet, Values
from agreements.exchange.importing.statements import Statement
from agreements.models import Agreement, Relation

_NOT_FROM_FILES = {column.name for column in Agreement._meta.fields} - ENTERED.keys()
# made of ids
_NOTHING_TO_CHECK = ("areas",)


class ModelChecks:
    """Applies the models' own rules to any number of statements; answers that cost queries are cached."""

    def __init__(self) -> None:
        self._of_terms: dict[tuple[Any, Any], list[str]] = {}

    def check(
        self, statement: Statement, agreement: Agreement, rows: dict[str, list[Values]]
    ) -> None:
        """Add to the statement what the models refuse in this unsaved agreement and in its rows by facet.

        A new agreement has no id.
        """
        try:
            agreement.clean_fields(exclude=_NOT_FROM_FILES)
            agreement.clean()
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                statement.refuse(name, statement.facts.get(name, ""), " ".join(messages))
        for sentence in self._refusals_of_term(agreement):
            statement.refuse("term_months", agreement.term_months, sentence)
        for name, some in rows.items():
            _check_rows(statement, FACETS[name], some)
            _check_links(statement, FACETS[name], some)
        for row in rows.get("relations", ()):
            _check_relation(statement, agreement, row)

    def _refusals_of_term(self, agreement: Agreement) -> list[str]:
        """Return what the constraints refuse about the term; each combination is checked once, since a check costs
        queries.
        """
        if agreement.term_months is None:
            return []
        term = (agreement.term_kind, agreement.term_months)
        if term not in self._of_terms:
            self._of_terms[term] = _refusals(
                Agreement(title="-", term_kind=term[0], term_months=term[1])
            )
        return self._of_terms[term]


def _refusals(agreement: Agreement) -> list[str]:
    try:
        agreement.validate_constraints(exclude={"ref"})
    except ValidationError as error:
        return list(error.messages)
    return []


def _check_rows(statement: Statement, facet: Facet, rows: list[Values]) -> None:
    if facet.name in _NOTHING_TO_CHECK:
        return
    links = {field.name for field in facet.model._meta.fields if field.is_relation}
    for row in rows:
        values = {
            name: value
            for name, value in row.items()
            if not name.endswith("_id") and name not in ("id", "position")
        }
        try:
            facet.model(**values).clean_fields(exclude=links)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                statement.refuse(facet.name, values.get(name, ""), " ".join(messages))


def _check_links(statement: Statement, facet: Facet, rows: list[Values]) -> None:
    """Refuse a row without a link it needs, such as evidence without a source."""
    needed = [
        field
        for field in facet.model._meta.fields
        if field.is_relation and not field.null and field.attname in facet.columns
    ]
    for field in needed:
        if any(row.get(field.attname) is None for row in rows):
            remedy = _("An entry lacks its %(what)s. Fill it in, or leave the entry out.")
            statement.refuse(facet.name, "", remedy % {"what": field.verbose_name})


def _check_relation(statement: Statement, agreement: Agreement, row: Values) -> None:
    if agreement.pk is None or row["target_id"] != agreement.pk:
        return
    try:
        Relation(agreement_id=agreement.pk, target_id=row["target_id"]).clean()
    except ValidationError as error:
        statement.refuse("relations", "", " ".join(error.messages))

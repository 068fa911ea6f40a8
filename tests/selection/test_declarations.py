"""The declared filters are complete, and the register does everything that they promise."""

import pytest
from django.http import QueryDict
from django.test import Client

from agreements.models.querysets import SORTS
from agreements.selection.declarations import FILTERS, PARAMETERS, PERIODS, REPEATABLE
from agreements.selection.declared import Choice, Filter
from agreements.selection.forms import AgreementFilterForm
from tests.factories import AgreementFactory, AreaFactory, PartyFactory


def test_what_may_be_repeated_is_said_to_be() -> None:
    said = {declared.name for declared in FILTERS if str(declared.values).startswith("one or more")}

    assert said == REPEATABLE


def test_every_order_can_be_chosen() -> None:
    [sort] = [each for each in FILTERS if isinstance(each, Choice) and each.name == "sort"]

    assert {code for code, _label in sort.choices if code} == SORTS.keys()


def test_every_filter_is_in_the_form_but_the_page() -> None:
    pointers = AgreementFilterForm().helper.layout.get_field_names()

    assert {pointer.name for pointer in pointers} == {each.name for each in FILTERS} - {"page"}


def test_every_filter_that_narrows_is_in_the_heading() -> None:
    """The first parameter of a period adds it to the heading, and `country` adds the parties and their organisations."""
    said_by_another = {
        "party",
        "through_organisation",
        *(period.parameters[1] for period in PERIODS),
    }
    silent = {each.name for each in FILTERS if not (each.clause or each.is_adjective)}

    matches = {each.name for each in FILTERS if each.qualifies}
    assert silent == said_by_another | matches | {"as_of", "certainty", "sort", "page", "per_page"}


@pytest.mark.django_db
@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.name)
def test_every_example_is_about_its_parameter_and_understood(
    client: Client, parameter: Filter, examples_resolve: None
) -> None:
    assert parameter.name in QueryDict(parameter.example)

    assert client.get(f"/agreements.csv?{parameter.example}").status_code == 200


@pytest.fixture
def examples_resolve() -> None:
    """Makes the rows that the examples name."""
    AgreementFactory(
        parties=[PartyFactory(slug="azerbaijan"), PartyFactory(slug="uzbekistan")],
        areas=[AreaFactory(slug=slug) for slug in ("social-protection", "labour", "employment")],
    )

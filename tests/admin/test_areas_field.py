"""The areas that are suggested for what was typed, and for the title."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import AreaFactory

pytestmark = pytest.mark.django_db
SUGGESTIONS = reverse("admin:agreements_area_suggestions")


def suggested(client: Client, **asked: str) -> list[tuple[str, str]]:
    answer: dict[str, Any] = client.get(SUGGESTIONS, asked).json()
    return [(area["name"], area["told"]) for area in answer["results"]]


@pytest.fixture
def tree() -> None:
    work = AreaFactory(name="Labour and employment", position=2)
    AreaFactory(name="Labour migration", parent=work)
    AreaFactory(name="Health", description="Also the labour of nurses.", position=1)
    AreaFactory(name="Səhiyyə", position=3)


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (
            {"term": "LABOUR"},
            [
                ("Labour and employment", ""),
                ("Labour migration", "Labour and employment"),
                ("Health", ""),
            ],
        ),
        ({"term": "migr"}, [("Labour migration", "Labour and employment")]),
        ({"term": "сәhiyye"}, [("Səhiyyə", "")]),
        ({"term": "nothing like it"}, []),
        ({"term": "%_'"}, []),
        ({"title": "Agreement on migrations of labour"}, [("Labour migration", "Labour and employment")]),
        ({"title": "Memorandum on Labour & Employment"}, [("Labour and employment", "")]),
        ({"title": "x" * 10_000}, []),
    ],
)  # fmt: skip
def test_areas_are_found_in_any_spelling_and_by_the_title(
    admin_client: Client, asked: dict[str, str], found: list[tuple[str, str]]
) -> None:
    assert suggested(admin_client, **asked) == found


def test_suggestions_are_few_and_cost_the_same(admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert len(suggested(admin_client, term="area")) <= 12
        return len(captured)

    AreaFactory(name="Area")
    with_one = queries()
    above = AreaFactory(name="Area above")
    for number in range(20):
        above = AreaFactory(name=f"Area {number}", parent=above if number % 5 else None)

    assert queries() == with_one


def test_suggestions_are_for_staff(client: Client) -> None:
    assert client.get(SUGGESTIONS, {"term": "x"}).status_code == 302

"""manage.py erase_person: says where a name stands, and erases it only when told to."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agreements.models import Agreement, Erasure
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db

NAME = "Zübeydə Quluzadə"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(*options: str, typed: str = f"{NAME}\nQuluzadə, Zübeydə\n") -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        out = io.StringIO()
        call_command("erase_person", *options, stdout=out, verbosity=0)
        return out.getvalue()

    return run


def test_it_only_says_where_the_name_stands(run: Any) -> None:
    AgreementFactory(title=f"Letter of {NAME}")

    told = run(), run("--dry-run", "--erase", "--reason", "Request 7")

    assert all("agreements.Agreement.title: 1 rows" in text for text in told)
    assert all("nothing was written" in text for text in told)
    assert not any(NAME in text for text in told)
    assert NAME in Agreement.objects.get().title


def test_it_erases_when_told_to(run: Any) -> None:
    AgreementFactory(title=f"Letter of {NAME}")

    told = run("--erase", "--reason", "Request 7", "--replacement", "a minister")

    assert Agreement.objects.get().title == "Letter of a minister"
    assert "Erased in" in told
    assert (Erasure.objects.get().by, Erasure.objects.get().reason) == (None, "Request 7")


@pytest.mark.parametrize(
    ("options", "typed", "why"),
    [
        (["--erase"], NAME, "Say why"),
        (["--erase", "--reason", "x", "--by", "nobody"], NAME, "no account named nobody"),
        ([], "", "Give the name"),
        (["--replacement", f"not {NAME}"], NAME, "contains the name itself"),
    ],
)
def test_mistakes_are_named_and_nothing_is_written(
    run: Any, options: list[str], typed: str, why: str
) -> None:
    AgreementFactory(title=f"Letter of {NAME}")

    with pytest.raises(CommandError, match=why):
        run(*options, typed=typed)

    assert NAME in Agreement.objects.get().title

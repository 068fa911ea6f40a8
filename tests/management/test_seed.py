"""manage.py seed: what an operator sees of it."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from agreements.models import Agreement, Area
from tests.factories import AreaFactory

pytestmark = pytest.mark.django_db


def run(*args: object, **options: object) -> tuple[str, str]:
    output, errors = StringIO(), StringIO()
    call_command("seed", *args, stdout=output, stderr=errors, **options)
    return output.getvalue(), errors.getvalue()


@pytest.fixture
def fixture(tmp_path: Path) -> Path:
    path = tmp_path / "areas.json"
    rows = [
        {"model": "agreements.area", "fields": {"slug": "health", "name": "Health"}},
        {"model": "agreements.area", "fields": {"slug": "energy", "name": "Energy"}},
    ]
    path.write_text(json.dumps(rows))
    return path


def test_what_ships_with_the_register_is_loaded_wherever_it_is_called_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    output, errors = run()

    assert output == (
        "Records: 66 created, 0 changed, 0 unchanged, 0 kept, 0 refused.\n"
        "States: 263 created, 8 changed, 1 unchanged, 0 kept, 0 refused.\n"
    )
    assert not errors
    assert Agreement.objects.published().count() == 9


def test_states_can_be_entered_alone() -> None:
    output, _errors = run("--states", "--dry-run")

    assert output.startswith("States: 272 created, 0 changed")
    with pytest.raises(CommandError, match="not both"):
        run("areas.json", "--states")


def test_second_run_says_that_nothing_changed(fixture: Path) -> None:
    run(fixture)

    output, _errors = run(fixture)

    assert output == "Records: 0 created, 0 changed, 2 unchanged, 0 kept, 0 refused.\n"


def test_dry_run_says_so_and_writes_nothing(fixture: Path) -> None:
    output, _errors = run(fixture, "--dry-run")

    assert output.startswith("Records: 2 created")
    assert "nothing was written" in output
    assert not Area.objects.exists()


def test_kept_record_is_named_when_asked_for(fixture: Path) -> None:
    AreaFactory(slug="health", name="Our health")

    quiet, _errors = run(fixture)
    talkative, _errors = run(fixture, verbosity=2)

    assert quiet == "Records: 1 created, 0 changed, 0 unchanged, 1 kept, 0 refused.\n"
    assert "Kept: cooperation area health: was entered by someone else\n" in talkative


def test_refused_record_is_named_with_the_reason(fixture: Path) -> None:
    rows = [{"model": "agreements.area", "fields": {"slug": "health", "name": "H" * 121}}]
    fixture.write_text(json.dumps(rows))

    output, errors = run(fixture)

    assert output.endswith("1 refused.\n")
    assert errors.startswith("Refused: cooperation area health: ")
    assert "120" in errors


def test_unreadable_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"missing\.json cannot be read"):
        run(tmp_path / "missing.json")

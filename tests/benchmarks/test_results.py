"""What the benchmark computes from its measurements: percentiles, ratios, verdicts and the report."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import options, report, results, verdicts
from benchmarks.timing import Answer, percentile, repeated, told


def answers(*seconds: float, status: int = 200) -> list[Answer]:
    return [Answer(value, status, size=7, said="no") for value in seconds]


@pytest.mark.parametrize(
    ("share", "wanted"),
    [
        pytest.param(0.5, 3, id="median"),
        pytest.param(0.95, 5, id="p95 of few is the largest"),
        pytest.param(0, 1, id="least"),
        pytest.param(1, 5, id="most"),
    ],
)
def test_percentile_is_a_value_that_was_measured(share: float, wanted: float) -> None:
    assert percentile([5, 1, 4, 2, 3], share) == wanted


def test_what_is_told_counts_errors_and_says_the_first() -> None:
    kept = told([*answers(0.3, 0.1), *answers(0.2, status=503)])

    assert (kept["median"], kept["p95"], kept["times"], kept["errors"]) == (0.2, 0.3, 3, 1)
    assert kept["note"] == "503: no"


def test_what_is_wanted_may_be_a_304() -> None:
    assert told(answers(0.1, status=304), wanted=304)["errors"] == 0


def test_no_more_is_asked_when_it_takes_too_long() -> None:
    done: list[str] = []

    asked = repeated(lambda: Answer(9, 200), times=5, before=lambda: done.append("x"), longest=0)

    assert (len(asked), done) == (1, ["x"])


def test_part_of_the_cases_takes_the_place_of_its_former_results() -> None:
    kept = {
        "about": {"seed": 1, "remarks": "In a hurry."},
        "measured": {"a": {"median": 1}, "b": {"median": 2}},
    }

    after = results.merged(kept, {"seed": 2}, {"b": {"median": 3}})

    assert after["measured"] == {"a": {"median": 1}, "b": {"median": 3}}
    assert after["about"] == {"seed": 2}


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "results.json"

    empty = results.read(file)
    results.write({"about": {}, "measured": {"ə": {}}}, file)

    assert empty == {"about": {}, "measured": {}}
    assert results.read(file)["measured"] == {"ə": {}}


def measured(**cases: float) -> results.Measured:
    """Return results for 100,000 agreements on SQLite: our seconds by case, and one second for Datasette's list."""
    ours = {
        results.key("sqlite", 100_000, "ours", name.replace("_", " ")): {"median": seconds}
        for name, seconds in cases.items()
    }
    return ours | {results.key("sqlite", 100_000, "datasette", "list"): {"median": 1.0}}


@pytest.mark.parametrize(
    ("seconds", "is_met", "words"),
    [
        pytest.param(0.05, True, "met: 20 times", id="just met"),
        pytest.param(0.1, False, "missed: 10 times (wanted ≥ 20 times)", id="missed"),
        pytest.param(None, None, "not measured", id="not measured"),
    ],
)
def test_verdict_says_by_how_much(seconds: float | None, is_met: bool | None, words: str) -> None:
    found = measured(**({"list_warm": seconds} if seconds else {}))

    verdict = verdicts.told(found)[0]

    assert (verdict.target, verdict.where) == (
        "list warm, times as fast as Datasette",
        "100,000, SQLite",
    )
    assert verdict.is_met is is_met
    assert words in str(verdict)


def test_no_time_is_taken_of_answers_that_were_errors() -> None:
    name = results.key("sqlite", 100_000, "ours", "list warm")

    assert verdicts.figure({name: {"median": 0.001, "errors": 2}}, name) is None


def test_page_is_written_of_the_results(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    about: dict[str, Any] = {
        "day": "2026-06-30", "cores": 2, "memory_gb": 24, "processor": "Some | CPU", "load": [0.1, 0.2, 0.3], "seed": 1,
        "versions": {"Python": "3.11"},
    }  # fmt: skip
    found = measured(list_warm=0.01, list_cold=2.0)

    report.write({"about": about, "measured": found}, file)

    page = file.read_text()
    assert "2 cores of Some | CPU, 24 GB" in page
    assert "| 100,000 | list warm | 1,000 ms |  | 10.0 ms | 100.0 |" in page
    assert "**0.50: we lose**" in page
    assert "met: 100 times (wanted ≥ 20 times)" in page
    assert "| SQLite | 100,000 | ours | list cold | 2,000 ms |" in page


def test_kept_page_is_that_of_the_kept_results() -> None:
    if results.FILE.exists():
        assert report.FILE.read_text() == report.text(json.loads(results.FILE.read_text()))


def test_options_come_from_the_environment_and_the_command_line() -> None:
    found = options.read(
        ["--sizes", "10 20"], {"SIZES": "30", "DATABASES": "sqlite", "CASES": "csv,list"}
    )

    assert (found.sizes, found.databases) == ((10, 20), ("sqlite",))
    assert found.wants("csv all")
    assert not found.wants("detail")


def test_unknown_database_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options.read(["--databases", "oracle"], {})

    assert "sqlite or postgresql" in capsys.readouterr().err

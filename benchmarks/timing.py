"""Times repeated requests and summarises the results."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from benchmarks.results import Json


@dataclass(frozen=True)
class Answer:
    """One response: seconds from the request to its last byte, its status and its size."""

    seconds: float
    status: int
    size: int = 0
    etag: str = ""
    said: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that this share (0 to 1) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def repeated(
    ask: Callable[[], Answer],
    *,
    times: int,
    before: Callable[[], object] = lambda: None,
    longest: float = 20.0,
) -> list[Answer]:
    """Return the responses of several requests, with `before` called ahead of each; none starts after `longest`
    seconds.
    """
    began, answers = time.perf_counter(), list[Answer]()
    while len(answers) < times and (not answers or time.perf_counter() - began < longest):
        before()
        answers.append(ask())
    return answers


def told(answers: Sequence[Answer], wanted: int = 200) -> Json:
    """Return the summary of these responses: times in seconds, their number, the errors and the size of the last."""
    seconds = [answer.seconds for answer in answers]
    wrong = [answer for answer in answers if answer.status != wanted]
    kept: Json = {
        "median": round(median(seconds), 6),
        "p95": round(percentile(seconds, 0.95), 6),
        "times": len(answers),
        "errors": len(wrong),
        "bytes": answers[-1].size,
    }
    return kept | ({"note": f"{wrong[0].status}: {wrong[0].said}"} if wrong else {})

"""Runs functions at the same time, each in a separate thread with a separate connection."""

import threading
from collections.abc import Callable

from django.db import connection


def run_at_once(*jobs: Callable[[], object]) -> list[object]:
    """Run each in a separate thread and return what each returned or raised."""
    outcomes: list[object] = [None] * len(jobs)
    start = threading.Barrier(len(jobs))

    def run(place: int, job: Callable[[], object]) -> None:
        try:
            start.wait(10)
            outcomes[place] = job()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test says whether it may be
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a thread waits for ever"
    return outcomes

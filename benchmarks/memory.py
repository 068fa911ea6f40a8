"""The peak memory of a server's processes during a measurement."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

_EVERY = 0.1
_MB = 1_000_000


class Peak:
    """The peak of one server process: resident memory, and its proportional share of shared memory (PSS)."""

    def __init__(self) -> None:
        self.rss = 0
        self.pss = 0

    def see(self, process: psutil.Process) -> None:
        try:
            self.rss = max(self.rss, process.memory_info().rss)
            self.pss = max(self.pss, _pss(process.pid))
        except (psutil.Error, OSError):
            pass  # it has ended

    @property
    def told(self) -> dict[str, float]:
        return {"rss_mb": round(self.rss / _MB, 1), "pss_mb": round(self.pss / _MB, 1)}


def _pss(pid: int) -> int:
    """Return the bytes in `smaps_rollup`, 0 where the system has no such file."""
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    if not rollup.exists():
        return 0
    line = next((line for line in rollup.read_text().splitlines() if line.startswith("Pss:")), "")
    return int(line.split()[1]) * 1024 if line else 0


@contextmanager
def watched(processes: Callable[[], list[psutil.Process]]) -> Iterator[Peak]:
    """Sample these processes ten times a second while the block runs."""
    peak, over = Peak(), threading.Event()

    def look() -> None:
        while not over.is_set():
            for process in processes():
                peak.see(process)
            time.sleep(_EVERY)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()

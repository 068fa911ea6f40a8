"""Runs work on uploaded files in a process of its own, which the system ends when it takes too much time or memory.

The process limits itself before it touches the file, so it ends even if the server that started it has gone.
"""

import math
import resource
import signal
from pathlib import Path

MEGABYTE = 1 << 20


def limit_this_process(*, seconds: int, cpu_seconds: int, megabytes: int) -> None:
    """Let this process run for so long and use so much memory beyond what it has; the kernel kills it otherwise."""
    used = math.ceil(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + megabytes * MEGABYTE
    resource.setrlimit(resource.RLIMIT_CPU, (used + cpu_seconds, used + cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)

"""Limits of a process that works on uploaded files: the system ends it if it takes too much time or memory.

The process limits itself before it touches the file, so it ends even if the server that started it is gone.
"""

import math
import resource
import signal
from pathlib import Path

MEGABYTE = 1 << 20


def limit_this_process(*, seconds: int, cpu_seconds: int, megabytes: int) -> None:
    """Limit how long this process may run and how much more memory it may use; beyond that, the kernel kills it."""
    used = math.ceil(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + megabytes * MEGABYTE
    resource.setrlimit(resource.RLIMIT_CPU, (used + cpu_seconds, used + cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)

"""Opens each bomb as the register would, in a process of its own, and prints what it cost.

`python -m benchmarks.attacks.bombs` checks this release. With `--without-checks`, workbooks go straight to the library
that reads them, as in earlier releases. No process gets more than two minutes and 2 GB.
"""

import argparse
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import django
from django.conf import settings

from benchmarks.attacks import files

SECONDS = 120
BYTES = 2 << 30


def _open_workbook(path: Path, is_checked: bool) -> None:
    from agreements.exchange.importing.readers import workbooks

    if not is_checked:
        workbooks.refuse_costly = lambda path: None  # type: ignore[attr-defined]
    for _row in workbooks.WorkbookTable(path).rows():
        pass


def _look_into(path: Path, extension: str) -> None:
    from agreements.uploads.inspecting import inspect

    with path.open("rb") as file:
        inspect(file, extension)


def _measured(
    told: "multiprocessing.Queue[str]", work: Callable[..., None], *given: object
) -> None:
    settings.configure(USE_I18N=False)
    django.setup()
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    started = time.process_time()
    try:
        work(*given)
        outcome = "opened"
    except MemoryError:
        outcome = "out of memory"
    except Exception as error:  # noqa: BLE001 - the outcome is what is measured
        outcome = f"refused: {str(error).partition('. ')[0]}"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told.put(f"{time.process_time() - started:.1f} s | {memory} MB | {outcome}")


def _cost(work: Callable[..., None], *given: object) -> str:
    spawning = multiprocessing.get_context("spawn")
    told: multiprocessing.Queue[str] = spawning.Queue()
    process = spawning.Process(target=_measured, args=(told, work, *given))
    process.start()
    process.join(SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
        return f"over {SECONDS} s | | ended by this script"
    return told.get() if process.exitcode == 0 else f"| | ended with {process.exitcode}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without-checks", action="store_true")
    is_checked = not parser.parse_args().without_checks
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bomb"
        for name, make in files.WORKBOOKS.items():
            size = path.write_bytes(make())
            cost = _cost(_open_workbook, path, is_checked)
            sys.stdout.write(f"| XLSX: {name} | {size / 1000:,.1f} kB | {cost} |\n")
            sys.stdout.flush()
        for name, (extension, make) in files.DOCUMENTS.items() if is_checked else ():
            size = path.write_bytes(make())
            cost = _cost(_look_into, path, extension)
            sys.stdout.write(f"| {extension.upper()}: {name} | {size / 1000:,.1f} kB | {cost} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()

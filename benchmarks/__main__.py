"""`python -m benchmarks`: runs the chosen cases and updates the results after each register."""

import sys

from benchmarks import cases, machine, options, report, results
from benchmarks.registers import register


def main() -> None:
    wanted = options.read(sys.argv[1:])
    kept = results.read()
    first = register(wanted.databases[0], wanted.sizes[0], wanted)
    versions = first.manage("shell", "--no-imports", "--command", _VERSIONS).split()
    about = machine.about(wanted, dict(zip(versions[::2], versions[1::2], strict=True)))
    for measured in cases.of(wanted, say):
        kept = results.merged(kept, about, measured)
        results.write(kept)
        report.write(kept)
    sys.stdout.write("\n".join(report.table(kept["measured"])) + "\n")


_VERSIONS = (
    "import django, gunicorn, psycopg; "
    "print('Django', django.__version__, 'gunicorn', gunicorn.__version__, 'psycopg', psycopg.__version__)"
)


def say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    main()

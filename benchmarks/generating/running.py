"""One run of the generator, from the first area to the last index: each block is written before the next is drawn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connections
from django.utils.translation import gettext as _

from agreements.counting.register_version import dropped
from agreements.models import Agreement, Area, Party, Source
from agreements.models.references import ReferenceCounter
from agreements.search import is_worth_keeping
from benchmarks.generating.bodies import world
from benchmarks.generating.draws import Draws
from benchmarks.generating.records import Numbers, block_of
from benchmarks.generating.tables import TABLES, WORDS, Rows, Table
from benchmarks.generating.writing import Progress, bulk_writer

BLOCK = 5_000
# How many unpublished agreements for every hundred published ones.
_HIDDEN_OF_HUNDRED = 3


class RegisterNotEmptyError(Exception):
    """The register is not empty, so generated records would mix with others."""


@dataclass(frozen=True)
class Generated:
    """How many rows were written, by table."""

    rows: dict[Table, int]

    def __getitem__(self, table: Table) -> int:
        return self.rows[table]


def generate(
    published: int,
    *,
    seed: int = 1,
    advance: Callable[[int], object] = lambda agreements: None,
    progress: Progress = lambda what: None,
) -> Generated:
    """Generate this many published agreements, and a few unpublished ones, in an empty register; return what was
    written.

    `advance` gets the number of agreements written since its last call, `progress` the name of each later step. Memory
    use is that of one block. Raises `RegisterNotEmptyError`.
    """
    _refuse_records()
    written = dict.fromkeys(TABLES, 0)
    connection = connections[Agreement.objects.db]
    with dropped(connection), bulk_writer(connection, progress) as writer:
        for rows, agreements in _blocks(published, seed):
            writer.write(rows)
            for table in TABLES:
                written[table] += len(rows[table])
            advance(agreements)
    ReferenceCounter.mark_given(f"AGR-{_everything(published):04d}")
    return Generated(written)


def _refuse_records() -> None:
    if any(model.objects.exists() for model in (Agreement, Party, Area, Source)):
        raise RegisterNotEmptyError(
            _(
                "The register holds records, and generated ones would be mixed with them. Set "
                "DATABASE_URL to a separate database, run manage.py migrate, and generate there."
            )
        )


def _everything(published: int) -> int:
    return published + _hidden(published)


def _hidden(published: int) -> int:
    return published * _HIDDEN_OF_HUNDRED // 100


def _blocks(published: int, seed: int) -> Iterator[tuple[Rows, int]]:
    """Yield the rows to write together, and how many agreements are among them."""
    everything = _everything(published)
    beginning = Rows()
    made = world(Draws(f"{seed}: bodies"), published, beginning)
    yield beginning, 0
    words: set[str] = set()
    for first in range(1, everything + 1, BLOCK):
        end = min(first + BLOCK, everything + 1)
        numbers = Numbers(first, end, everything, _hidden(published))
        rows, found = block_of(Draws(f"{seed}: from {first}"), made, numbers)
        words |= found
        yield rows, end - first
    ending = Rows()
    ending[WORDS].extend((word,) for word in sorted(words) if is_worth_keeping(word))
    yield ending, 0

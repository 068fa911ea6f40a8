"""Makes many agreements quickly, and measures the memory needed to go through them."""

import tracemalloc
from collections.abc import Callable

from django.db import connection

from agreements.models import Agreement, Event, Evidence, Participation, Signatory

_BELONGING = (Participation, Signatory, Evidence, Event)


def multiply_agreement(count: int) -> None:
    """Copy the only agreement, with all rows that belong to it, until there are `count` of them."""
    columns = _columns(Agreement, but=("id", "ref"))
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s) "
            f"INSERT INTO agreements_agreement (ref, {columns}) SELECT 'COPY-' || (100000 + n), {columns} "
            "FROM agreements_agreement CROSS JOIN numbers",
            [count],
        )
        for model in _BELONGING:
            table, columns = model._meta.db_table, _columns(model, but=("id", "agreement_id"))
            shown = ", ".join(f"shown.{column}" for column in columns.split(", "))
            cursor.execute(
                f"INSERT INTO {table} (agreement_id, {columns}) SELECT copy.id, {shown} FROM {table} shown "
                "CROSS JOIN agreements_agreement copy WHERE copy.id <> shown.agreement_id"
            )


def _columns(model, but: tuple[str, ...]) -> str:
    names = [field.column for field in model._meta.concrete_fields if not field.generated]
    return ", ".join(name for name in names if name not in but)


def peak_while(work: Callable[[], int]) -> tuple[int, int]:
    """Return the result of the work, and the highest number of bytes in use while it ran."""
    tracemalloc.start()
    result = work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return result, peak

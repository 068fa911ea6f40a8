"""The content of a generated register as one digest of all rows."""

import hashlib
from typing import Any

from benchmarks.generating.tables import TABLES


def rows_of(model: Any) -> list[tuple[Any, ...]]:
    names = sorted(field.attname for field in model._meta.local_concrete_fields)
    return list(model._base_manager.order_by("pk").values_list(*names))


def digest_of_all_rows() -> str:
    """Return a digest that is the same for the same rows on either database."""
    digest = hashlib.sha256()
    for table in TABLES:
        for row in rows_of(table.model):
            digest.update("|".join(map(str, row)).encode())
    return digest.hexdigest()

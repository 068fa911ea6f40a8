"""Edit tokens: a record gets a new one at every write, so that a form notices changes made since it was opened.

A record is an agreement, party, area or source with the rows that belong to it: `models.records` renews the token when
one of the rows is written, `save` when the record itself is. Bulk writers call `renew_edit_tokens()` themselves.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models, transaction

from agreements.domain.chunks import in_chunks
from agreements.models.querysets import new_edit_token

Keys = dict[type[models.Model], set[int]]
_waiting: ContextVar[Keys | None] = ContextVar("waiting", default=None)


class Tokened(models.Model):
    """A record that several people may edit."""

    edit_token = models.CharField(max_length=32, default=new_edit_token, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.edit_token = new_edit_token()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "edit_token"}
        super().save(*args, **kwargs)


@contextmanager
def tokens_renewed_once() -> Iterator[None]:
    """Renew the tokens once at the end of the block instead of at every row; the block is one transaction.

    A block that fails renews nothing.
    """
    waiting: Keys = {}
    with transaction.atomic():
        held = _waiting.set(waiting)
        try:
            yield
        finally:
            _waiting.reset(held)
        if not transaction.get_rollback():
            for record, keys in waiting.items():
                renew(record, keys)


def renew(record: type[models.Model], keys: Iterable[int]) -> None:
    """Renew the tokens of these records of a model, now or at the end of the block."""
    waiting = _waiting.get()
    if waiting is not None:
        waiting.setdefault(record, set()).update(keys)
        return
    for chunk in in_chunks(sorted(keys)):
        records: Any = record._default_manager.filter(pk__in=chunk)
        records.renew_edit_tokens()

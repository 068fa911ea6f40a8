"""Edit tokens: a record gets a new one at every write, so that a form notices changes made since it was opened.

A record is an agreement, party, area or source with the rows that belong to it: `models.records` renews the token when
one of the rows is written, `save` when the record itself is. Bulk writers call `renew_edit_tokens()` themselves.
"""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models, transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from agreements.domain.choices import Publication
from agreements.domain.chunks import in_chunks

# whether the public sees what changed in these records
Keys = dict[tuple[type[models.Model], bool], set[int]]
_waiting: ContextVar[Keys | None] = ContextVar("waiting", default=None)


def new_edit_token() -> str:
    """Return a token that no record has had before."""
    return secrets.token_urlsafe(16)


class TokenedQuerySet(models.QuerySet[Any]):
    """Records that several people may edit, each with an `edit_token`."""

    def renew_edit_tokens(self, *, is_seen: bool = True) -> int:
        """Make every form opened so far outdated, and set `updated_at` where there is one; return the number of records.

        Writers that send no signals (`bulk_create`, `update`) call this for the records whose rows they wrote. A change
        that the public does not see leaves the `updated_at` of published records alone.
        """
        fields = {field.name for field in self.model._meta.fields}
        now: Any = timezone.now()
        if not is_seen:
            published = When(publication=Publication.PUBLISHED, then=F("updated_at"))
            now = Case(published, default=Value(now))
        moved = {"updated_at": now} if "updated_at" in fields else {}
        return self.order_by().update(edit_token=new_edit_token(), **moved)


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
    """Renew the tokens once at the end of the block instead of for every row; the block is one transaction.

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
            for (record, is_seen), keys in waiting.items():
                seen = set() if is_seen else waiting.get((record, True), set())
                renew(record, keys - seen, is_seen=is_seen)


def renew(record: type[models.Model], keys: Iterable[int], *, is_seen: bool = True) -> None:
    """Renew the tokens of these records of a model, now or at the end of the block.

    `is_seen` is whether the public sees what changed, if the record is published.
    """
    waiting = _waiting.get()
    if waiting is not None:
        waiting.setdefault((record, is_seen), set()).update(keys)
        return
    for chunk in in_chunks(sorted(keys)):
        records: Any = record._default_manager.filter(pk__in=chunk)
        records.renew_edit_tokens(is_seen=is_seen)

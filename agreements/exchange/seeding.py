"""Loads the records of fixtures into the register without ever overriding its staff.

`manage.py seed` calls `seed` at every start. The unit is a record: an area, a party with its names, a source, or an
agreement with everything that belongs to it. Two digests remember what was loaded: a record is updated only as long as
nobody has edited it, and what staff removed stays removed.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.core import serializers
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.serializers.base import DeserializationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from agreements.curation.history.recording import recorded
from agreements.models import Agreement, SeededRecord
from agreements.models.records import RECORDS, ROWS, record_of


class FixtureError(Exception):
    """A file is not a fixture of records; the message names the file and says why."""


class Outcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    REFUSED = "refused"


# The field that identifies a record.
_KEYS: dict[type[Model], str] = dict.fromkeys(RECORDS, "slug") | {Agreement: "ref"}
# By the name of each kind of row: the model of its record, and the field that identifies or names the record.
_BELONGING = {
    **{model._meta.label_lower: (model, key) for model, key in _KEYS.items()},
    **{row._meta.label_lower: (record_of(row), field) for row, field in ROWS.items()},
}


@dataclass(frozen=True)
class Record:
    """One record of a fixture: its own row, then those that belong to it, as Django serializes them."""

    model: type[Model]
    key: str
    rows: list[dict[str, Any]]

    def __str__(self) -> str:
        return f"{self.model._meta.verbose_name} {self.key}"

    @property
    def identity(self) -> dict[str, Any]:
        return {"root": self.model._meta.label_lower, "key": self.key}

    @property
    def digest(self) -> str:
        return _digest(self.rows)

    @property
    def stored(self) -> QuerySet[Model]:
        """The register's row with this key, if any."""
        return self.model._default_manager.filter(**{_KEYS[self.model]: self.key})


@dataclass(frozen=True)
class Result:
    """What was done with a record, and why if it was kept or refused."""

    record: Record
    outcome: Outcome
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.record}: {self.reason or self.outcome}"


def seed(paths: Iterable[Path], *, dry_run: bool = False) -> list[Result]:
    """Load these fixtures and return what was done with each record, in order.

    A record is created if the register never had it, and replaced if the fixture has changed since and the record has
    not; otherwise it is kept. A record that the register cannot accept, such as one that refers to something removed, is
    refused, and the rest is loaded. Everything is one transaction, which a dry run rolls back. Raises `FixtureError`
    before anything is written.
    """
    records = [record for path in paths for record in read(path)]
    with recorded(why=_("Loaded from the records that come with the register.")):
        results = [_seed(record) for record in records]
        if dry_run:
            transaction.set_rollback(True)
    return results


def read(path: Path) -> list[Record]:
    """Return the records of a fixture, a JSON list of rows in which each record's own row comes first.

    Raises `FixtureError`.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FixtureError(
            _("%(path)s cannot be read: %(why)s.") % {"path": path, "why": error}
        ) from error
    if not isinstance(rows, list):
        raise FixtureError(_("%(path)s does not contain a list of rows.") % {"path": path})
    return _records(rows, path)


def state_of(root: Model) -> str:
    """Return a digest of what staff can edit in a record: its own row and those that belong to it.

    Empty and default values do not count, so that a field added later does not look like an edit of every record.
    """
    return _digest([_content(root), *sorted(_content(child) for child in _children(root))])


def _records(rows: list[dict[str, Any]], path: Path) -> list[Record]:
    found: dict[tuple[type[Model], str], Record] = {}
    for number, row in enumerate(rows, start=1):
        try:
            model, field = _BELONGING[row["model"]]
            key = row["fields"][field]
            if row["model"] != model._meta.label_lower:
                found[model, key[0]].rows.append(row)
            elif (model, key) in found:
                raise KeyError(key)
            else:
                found[model, key] = Record(model, key, [row])
        except (LookupError, TypeError) as error:
            raise FixtureError(
                _("%(path)s: row %(number)d belongs to no record above it, or repeats one.")
                % {"path": path, "number": number}
            ) from error
    return list(found.values())


def _seed(record: Record) -> Result:
    known = SeededRecord.objects.filter(**record.identity).first()
    stored = record.stored.first()
    if known is None:
        if stored is not None:
            return Result(record, Outcome.KEPT, _("was entered by someone else"))
        return _load(record, Outcome.CREATED)
    if stored is None:
        return Result(record, Outcome.KEPT, _("has been removed"))
    if state_of(stored) != known.state_digest:
        return Result(record, Outcome.KEPT, _("has been edited"))
    if record.digest == known.fixture_digest:
        return Result(record, Outcome.UNCHANGED)
    return _load(record, Outcome.CHANGED)


def _load(record: Record, outcome: Outcome) -> Result:
    try:
        with recorded():
            _write(record)
    except ValidationError as error:
        return Result(record, Outcome.REFUSED, " ".join(error.messages))
    except (DeserializationError, FieldDoesNotExist) as error:
        return Result(record, Outcome.REFUSED, str(error))
    digests = {"fixture_digest": record.digest, "state_digest": state_of(record.stored.get())}
    SeededRecord.objects.update_or_create(**record.identity, defaults=digests)
    return Result(record, outcome)


def _write(record: Record) -> None:
    """Save the record's rows in place of the register's; its own row keeps its id."""
    if stored := record.stored.first():
        for child in _children(stored):
            child.delete()
        for links in stored._meta.many_to_many:
            getattr(stored, links.name).clear()
    for loaded in serializers.deserialize("python", record.rows):
        loaded.object._state.adding = loaded.object.pk is None
        loaded.object.full_clean()
        loaded.save()


def _children(root: Model) -> Iterator[Model]:
    for accessor in RECORDS[type(root)]:
        yield from getattr(root, accessor).all()


# What stood in the place of columns added later, if that is not their default: then nobody has edited the row.
_THEN = {("agreements.commitment", "is_public"): True}


def _content(row: Model) -> str:
    """Return the row's model and what staff can edit in it as JSON, with natural keys for ids."""
    [written] = serializers.serialize("python", [row], use_natural_foreign_keys=True)
    values = written["fields"]
    edited = {
        field.name: values[field.name]
        for field in row._meta.concrete_fields
        if field.editable
        and values.get(field.name)
        not in (None, "", _THEN.get((written["model"], field.name), field.get_default()))
    }
    links = [field.name for field in row._meta.many_to_many]
    linked = {name: sorted(values[name]) for name in links if values[name]}
    return _canonical([written["model"], edited, linked])


def _digest(value: object) -> str:
    return hashlib.sha256(_canonical(value).encode()).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)

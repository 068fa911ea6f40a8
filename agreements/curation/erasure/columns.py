"""Every text that the register stores, table by table, derived from the models: a new table is covered by itself.

A column that is left alone has a reason here. A test compares this with the columns of the database.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.domain.partial_dates import PartialDateField
from agreements.models.derived import Derived

_RANDOM = _("a random token or its digest")
_KEY = _("the id of a row")
_CODE = _("a word of the program, not of people")
_ACCOUNT = _(
    "the account of a colleague, which its own page renames; the preview says so if it has the name"
)
_OF_LOGINS = _("a code of two-factor authentication")

# Whole models, and columns, that hold no text about people, or that are left alone for the reason given.
EXEMPT: dict[str, str | Promise] = {
    "auth.Group": _CODE,
    "auth.Permission": _CODE,
    "auth.User": _ACCOUNT,
    "contenttypes.ContentType": _CODE,
    "otp_static.StaticDevice": _OF_LOGINS,
    "otp_static.StaticToken": _OF_LOGINS,
    "otp_totp.TOTPDevice": _OF_LOGINS,
    "agreements.ProviderAccount": _ACCOUNT,
    "agreements.SeededRecord": _(
        "the name of a record in a file that comes with the program: without it, that record would be loaded again"
    ),
    "agreements.CalendarAddress": _RANDOM,
    "agreements.Change": _CODE,
    "admin.LogEntry.object_id": _KEY,
    "reversion.Version.object_id": _KEY,
    "reversion.Version.db": _CODE,
    "reversion.Version.format": _CODE,
    "agreements.Agreement.ref": _KEY,
    "agreements.Agreement.kept_apart": _KEY,
    "agreements.LanguageVersion.language": _CODE,
    "agreements.ImportedRecord.ref": _KEY,
    "agreements.ImportedRecord.token": _RANDOM,
    "agreements.ImportedRecord.token_before": _RANDOM,
    "agreements.ImportedAddition.token": _RANDOM,
    "agreements.Import.sha256": _RANDOM,
    "agreements.Import.plan_digest": _RANDOM,
    "agreements.Import.encoding": _CODE,
    "agreements.Erasure.digest": _RANDOM,
    "agreements.Document.sha256": _RANDOM,
    "agreements.DocumentVersion.sha256": _RANDOM,
    "agreements.Removal.record": _CODE,
    "agreements.MergedRow.kind": _CODE,
    "agreements.MergedRow.role": _CODE,
    "agreements.Tombstone.ref": _KEY,
    "agreements.PublishingItem.ref": _KEY,
    "axes.AccessLog.session_hash": _RANDOM,
}
# Columns of any model
EXEMPT_EVERYWHERE = {"edit_token": _RANDOM}
EXEMPT_KINDS: dict[type[models.Field], str | Promise] = {
    Derived: _("made again from the other texts of its row"),
    PartialDateField: _("a date"),
    models.FileField: _("a random name; the content of files is looked into by itself"),
    models.GenericIPAddressField: _("an IP address"),
}
# Models that `erasing` brings up to date in a way of their own.
HANDLED: dict[str, str | Promise] = {
    "agreements.SearchEntry": _("made again from the texts of the record"),
    "agreements.SearchWord": _("removed if no record has the word any more"),
    "agreements.StaffSession": _("unpacked, and packed again without the name"),
    "sessions.Session": _("a table of Django's own that this register does not use"),
}
# Rows that are deleted where they contain the name: what they say is of use for days only.
DELETED = frozenset({"agreements.OutgoingMail"})

_TEXTS = (models.CharField, models.TextField, models.JSONField, models.GenericIPAddressField)


@dataclass(frozen=True)
class Table:
    """A model, and those of its columns in which a name is looked for."""

    model: type[models.Model]
    columns: "tuple[models.Field, ...]"

    @property
    def label(self) -> str:
        return self.model._meta.label


def tables() -> Iterator[Table]:
    """Yield every table with texts to look into, those of links included."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed or model._meta.label in HANDLED:
            continue
        columns = tuple(column for column in texts_of(model) if why_exempt(column) is None)
        if columns:
            yield Table(model, columns)


def texts_of(model: type[models.Model]) -> "list[models.Field]":
    """Return the columns of a model that hold text of any kind."""
    kinds = (*_TEXTS, models.FileField)
    return [column for column in model._meta.concrete_fields if isinstance(column, kinds)]


def why_exempt(column: "models.Field") -> str | Promise | None:
    """Return why a name is not looked for in this column; None if it is."""
    label = column.model._meta.label
    if column.choices:
        return _("a code of a fixed list")
    for kind, why in EXEMPT_KINDS.items():
        if isinstance(column, kind):
            return why
    return (
        EXEMPT.get(label)
        or EXEMPT.get(f"{label}.{column.name}")
        or EXEMPT_EVERYWHERE.get(column.name)
    )

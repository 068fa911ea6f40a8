"""Which rows make up a record, and signals that a record is being written, whichever of its rows is written.

A record is what people open, compare and restore as a whole: an agreement with its parties, signatories and so on. Its
token is renewed here; `agreements.curation.history` listens to both signals and keeps a version of every record named.
"""

from typing import Any

from django.db import models
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.dispatch import Signal

from agreements.domain.choices import Publication
from agreements.domain.identifiers import IMPORTED_ROW
from agreements.models.agreements import Agreement
from agreements.models.areas import Area
from agreements.models.documents import Document
from agreements.models.edit_tokens import renew
from agreements.models.identifiers import ExternalIdentifier
from agreements.models.languages import LanguageVersion
from agreements.models.participants import Participation, Signatory
from agreements.models.parties import Membership, Party, PartyName
from agreements.models.people import Person, PersonName
from agreements.models.periods import Period
from agreements.models.relations import Relation
from agreements.models.sources import Evidence, Source
from agreements.models.successions import Succession
from agreements.models.timeline import Commitment, Event

# The rows that belong to a record, in the order of the page, with the field by which each names its record.
ROWS: dict[type[models.Model], str] = {
    Participation: "agreement",
    Signatory: "agreement",
    Event: "agreement",
    Period: "agreement",
    Document: "agreement",
    Relation: "agreement",
    Commitment: "agreement",
    Evidence: "agreement",
    ExternalIdentifier: "agreement",
    LanguageVersion: "agreement",
    PartyName: "party",
    Succession: "predecessor",
    Membership: "organisation",
    PersonName: "person",
}

# Rows of a published agreement that the public may not see: it sees a row unless this lookup has one of these values.
_HIDDEN_IF: dict[type[models.Model], tuple[str, frozenset[object]]] = {
    Commitment: ("is_public", frozenset({False})),
    Document: ("is_public", frozenset({False})),
    ExternalIdentifier: ("scheme", frozenset({IMPORTED_ROW})),
    Period: ("is_public", frozenset({False})),
    Relation: ("target__publication", frozenset(Publication) - {Publication.PUBLISHED}),
}

# Sent with `keys`, the ids of records of the model `sender`, before and after a row is written.
about_to_change = Signal()
changed = Signal()
# Sent with `keys`, the ids of records, after their links in the table `sender` have changed.
links_changed = Signal()


def record_of(row: type[models.Model]) -> type[models.Model]:
    """Return the model of the record that rows of this model belong to."""
    record: type[models.Model] = _relation(row).model
    return record


def _relation(row: type[models.Model]) -> Any:
    return row._meta.get_field(ROWS[row]).remote_field


# The accessors of a record's rows.
RECORDS: dict[type[models.Model], tuple[str, ...]] = {
    record: tuple(_relation(row).related_name for row in ROWS if record_of(row) is record)
    for record in (Agreement, Party, Area, Source, Person)
}


def owner_key(row: models.Model) -> int:
    """Return the id of the record that this row belongs to."""
    return int(getattr(row, f"{ROWS[type(row)]}_id"))


# The record's own row, whose token `save` renews


def _record_before(sender: type[models.Model], instance: models.Model, **kwargs: object) -> None:
    if instance.pk is not None:
        about_to_change.send(sender, keys=[instance.pk])


def _record_after(sender: type[models.Model], instance: models.Model, **kwargs: object) -> None:
    changed.send(sender, keys=[instance.pk])


# Its other rows


def _row_before(sender: type[models.Model], instance: Any, **kwargs: object) -> None:
    """Note which record the row belonged to, as it may move to another, and whether the public could see it."""
    lookup, _values = _HIDDEN_IF.get(sender, (ROWS[sender], None))
    stored = sender._base_manager.filter(pk=instance.pk).values_list(f"{ROWS[sender]}_id", lookup)
    found = None if instance._state.adding else stored.first()
    instance.belonged_to, before = found or (None, None)
    instance.was_seen = found is not None and _is_seen_with(sender, before)
    about_to_change.send(record_of(sender), keys=_owners(instance))


def _row_after(sender: type[models.Model], instance: Any, **kwargs: object) -> None:
    is_seen = instance.was_seen or _is_seen(instance)
    _written(record_of(sender), _owners(instance), is_seen=is_seen)


def _is_seen(row: models.Model) -> bool:
    """Whether the public sees this row, given that it sees its record; for a relation this may take a query."""
    value: Any = row
    for name in _HIDDEN_IF.get(type(row), ("pk", None))[0].split("__"):
        value = getattr(value, name)
    return _is_seen_with(type(row), value)


def _is_seen_with(sender: type[models.Model], value: object) -> bool:
    return sender not in _HIDDEN_IF or value not in _HIDDEN_IF[sender][1]


def _row_going(
    sender: type[models.Model], instance: models.Model, origin: object, **kwargs: object
) -> None:
    if not _goes_with_its_record(instance, origin):
        about_to_change.send(record_of(sender), keys=[owner_key(instance)])


def _row_gone(
    sender: type[models.Model], instance: models.Model, origin: object, **kwargs: object
) -> None:
    if not _goes_with_its_record(instance, origin):
        _written(record_of(sender), [owner_key(instance)], is_seen=_is_seen(instance))


def _goes_with_its_record(row: models.Model, origin: object) -> bool:
    """Whether a row is being deleted because its record is; not detected if several records are deleted at once."""
    return type(origin) is record_of(type(row)) and origin.pk == owner_key(row)


def _owners(instance: Any) -> list[int]:
    return sorted({owner_key(instance), instance.belonged_to or owner_key(instance)})


def _written(record: type[models.Model], keys: list[int], *, is_seen: bool) -> None:
    renew(record, keys, is_seen=is_seen)
    changed.send(record, keys=keys)


# What a record is linked to, such as its cooperation areas


def _links_changed(
    sender: type[models.Model],
    instance: Any,
    action: str,
    reverse: bool,
    model: type[models.Model],
    pk_set: set[int] | None,
    **kwargs: object,
) -> None:
    """Treat the record as written; if an area's links change, treat the agreements linked to it as written."""
    record = model if reverse else type(instance)
    if action == "pre_clear" and reverse:
        instance.linked_before = _linked(sender, record, instance)
    linked = instance.linked_before if reverse and pk_set is None else pk_set or ()
    keys = list(linked) if reverse else [instance.pk]
    if action.startswith("pre_"):
        about_to_change.send(record, keys=keys)
    elif keys:
        _written(record, keys, is_seen=sender not in _HIDDEN_LINKS)
        links_changed.send(sender, keys=keys)


def _area_going(instance: Area, **kwargs: object) -> None:
    # After the deletion there is no way to tell which agreements these were.
    _links_changed(Agreement.areas.through, instance, "pre_clear", True, Agreement, None)


def _area_gone(instance: Area, **kwargs: object) -> None:
    _links_changed(Agreement.areas.through, instance, "post_clear", True, Agreement, None)


def _linked(links: Any, record: type[models.Model], instance: models.Model) -> list[int]:
    names = {field.related_model: field.name for field in links._meta.fields if field.is_relation}
    own = links.objects.filter(**{names[type(instance)]: instance.pk})
    return list(own.values_list(f"{names[record]}_id", flat=True))


_HIDDEN_LINKS = {Agreement.responsible.through}

for _model in RECORDS:
    pre_save.connect(_record_before, sender=_model, dispatch_uid=f"record_before_{_model}")
    pre_delete.connect(_record_before, sender=_model, dispatch_uid=f"record_going_{_model}")
    post_save.connect(_record_after, sender=_model, dispatch_uid=f"record_after_{_model}")
    for _links in _model._meta.many_to_many:
        m2m_changed.connect(
            _links_changed, sender=_links.remote_field.through, dispatch_uid=f"record_{_links}"
        )
for _model in ROWS:
    pre_save.connect(_row_before, sender=_model, dispatch_uid=f"row_before_{_model}")
    post_save.connect(_row_after, sender=_model, dispatch_uid=f"row_after_{_model}")
    pre_delete.connect(_row_going, sender=_model, dispatch_uid=f"row_going_{_model}")
    post_delete.connect(_row_gone, sender=_model, dispatch_uid=f"row_gone_{_model}")
pre_delete.connect(_area_going, sender=Area, dispatch_uid="record_area_going")
post_delete.connect(_area_gone, sender=Area, dispatch_uid="record_area_gone")

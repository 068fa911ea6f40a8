"""Who among the staff may do what: the four roles, and the one rule about the records that the public sees.

A role is a group of that name, made by a migration with the permissions that go with it. The admin, the imports and
the merges ask here before they let anybody write.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Protocol

from agreements.domain.choices import Publication


class StaffRole(StrEnum):
    """The names of the groups, each of which may do all that the one before it may."""

    READER = "Reader"
    EDITOR = "Editor"
    PUBLISHER = "Publisher"
    ADMINISTRATOR = "Administrator"


VIEW_AGREEMENT = "agreements.view_agreement"
VIEW_PARTY = "agreements.view_party"
CHANGE_AGREEMENT = "agreements.change_agreement"
PUBLISH_AGREEMENT = "agreements.publish_agreement"
IMPORT_AGREEMENTS = "agreements.import_agreements"
MERGE_PARTY = "agreements.merge_party"

_RECORDS = ("agreement", "party", "source")
_ROWS = (
    "commitment",
    "document",
    "event",
    "evidence",
    "externalidentifier",
    "participation",
    "partyname",
    "relation",
    "signatory",
)


def _on(models: tuple[str, ...], *actions: str) -> list[str]:
    return [f"agreements.{action}_{model}" for model in models for action in actions]


# What each role may do beyond the one before it.
GRANTS: dict[StaffRole, list[str]] = {
    StaffRole.READER: _on((*_RECORDS, *_ROWS, "area"), "view"),
    StaffRole.EDITOR: [
        *_on(_RECORDS, "add", "change"),
        *_on(_ROWS, "add", "change", "delete"),
        IMPORT_AGREEMENTS,
    ],
    StaffRole.PUBLISHER: [*_on(_RECORDS, "delete"), PUBLISH_AGREEMENT],
    # an account is closed and not deleted, so that what its owner did keeps a name
    StaffRole.ADMINISTRATOR: [
        *_on(("area",), "add", "change", "delete"),
        MERGE_PARTY,
        *("auth.view_user", "auth.add_user", "auth.change_user", "auth.view_group"),
    ],
}
# The permissions that are not Django's own: the model each belongs to, and what it is called.
_SPECIAL = {
    PUBLISH_AGREEMENT: ("agreement", "Can publish, return and withdraw agreements"),
    IMPORT_AGREEMENTS: ("agreement", "Can import agreements from files"),
    MERGE_PARTY: ("party", "Can merge parties"),
}

# In review a record stands still until a publisher has looked at it; published it is the public's.
OPEN_TO_EDITORS = frozenset({Publication.DRAFT, Publication.WITHDRAWN})


class HasPublication(Protocol):
    """What the rule reads of an agreement."""

    publication: str


class SharedRecord(Protocol):
    """A party or a source: one row that many agreements rest on."""

    def is_in_public(self) -> bool: ...


def may_see(user: Any, agreement: HasPublication) -> bool:
    """Whether this person may read this agreement; what is published everybody may."""
    is_public = agreement.publication == Publication.PUBLISHED
    return is_public or bool(user.is_staff and user.has_perm(VIEW_AGREEMENT))


def may_edit(user: Any) -> bool:
    """Whether this person enters and corrects agreements; which ones, `may_change` says."""
    return bool(user.is_staff and user.has_perm(CHANGE_AGREEMENT))


def may_publish(user: Any) -> bool:
    """Whether this person decides what the public sees; only staff do."""
    return bool(user.is_staff and user.has_perm(PUBLISH_AGREEMENT))


def may_change(user: Any, agreement: HasPublication) -> bool:
    """Whether this person may change this agreement as it stands, or any row that belongs to it.

    Pass the agreement as it is stored: with `publication` already set to what it shall become, the answer is another.
    """
    is_open = agreement.publication in OPEN_TO_EDITORS
    return may_edit(user) and (is_open or may_publish(user))


def may_change_shared(user: Any, record: SharedRecord) -> bool:
    """Whether this person may change a party or source, as far as published agreements rest on it; one query.

    That they may change parties or sources at all is asked by Django's own permission, not here.
    """
    return may_publish(user) or not record.is_in_public()


def granted(role: StaffRole) -> Iterator[str]:
    """Yield every permission of a role, as `app.codename`."""
    roles = list(StaffRole)
    for lower in roles[: roles.index(role) + 1]:
        yield from GRANTS[lower]


def grant_roles(apps: Any, using: str) -> None:
    """Make the groups of the four roles, or add to them what they lack; whatever else an operator gave them stays.

    For migrations: `apps` is their registry. On a new database neither content types nor permissions are there yet,
    for Django makes them after the last migration; so those needed are made here. Call it in a further migration
    whenever `GRANTS` has grown.
    """
    groups = apps.get_model("auth", "Group").objects.using(using)
    permissions = {
        name: _permission(name, apps, using) for grants in GRANTS.values() for name in grants
    }
    for role in StaffRole:
        group, _created = groups.get_or_create(name=role.value)
        group.permissions.add(*(permissions[name] for name in granted(role)))


def _permission(name: str, apps: Any, using: str) -> Any:
    app, codename = name.split(".")
    action, _separator, model = codename.partition("_")
    model, called = _SPECIAL.get(name, (model, f"Can {action} {_in_words(app, model, apps)}"))
    kinds = apps.get_model("contenttypes", "ContentType").objects.using(using)
    kind, _created = kinds.get_or_create(app_label=app, model=model)
    permission, _created = (
        apps.get_model("auth", "Permission")
        .objects.using(using)
        .get_or_create(content_type=kind, codename=codename, defaults={"name": called})
    )
    return permission


def _in_words(app: str, model: str, apps: Any) -> str:
    """Name the model as Django's own permissions do; one that a later migration makes has no words yet."""
    try:
        return str(apps.get_model(app, model)._meta.verbose_name)
    except LookupError:
        return model

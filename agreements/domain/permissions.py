"""What each role of staff may do: the four roles, and the rule about records that the public can see.

A role is a group of that name, created by a migration with its permissions. The admin, imports and merges check here
before they let anybody write.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from django.contrib.auth.models import AnonymousUser, User

from agreements.domain.choices import Publication

if TYPE_CHECKING:
    from agreements.models import Party, Source
    from agreements.models import Person as Signer

    SharedRecord = Party | Signer | Source

Person = User | AnonymousUser


class StaffRole(StrEnum):
    """The names of the groups; each may do everything that the previous one may, and more."""

    READER = "Reader"
    EDITOR = "Editor"
    PUBLISHER = "Publisher"
    ADMINISTRATOR = "Administrator"


VIEW_AGREEMENT = "agreements.view_agreement"
VIEW_PARTY = "agreements.view_party"
VIEW_COMMITMENT = "agreements.view_commitment"
CHANGE_AGREEMENT = "agreements.change_agreement"
PUBLISH_AGREEMENT = "agreements.publish_agreement"
IMPORT_AGREEMENTS = "agreements.import_agreements"
MERGE_PARTY = "agreements.merge_party"
MERGE_PERSON = "agreements.merge_person"
ERASE_NAME = "agreements.erase_name"

_RECORDS = "agreement party person source"
_ROWS = (
    "commitment document event evidence externalidentifier languageversion membership participation partyname period "
    "personname relation signatory succession"
)


def _on(models: str, *actions: str) -> list[str]:
    return [f"agreements.{action}_{model}" for model in models.split() for action in actions]


# What each role may do beyond the one before it.
GRANTS: dict[StaffRole, list[str]] = {
    StaffRole.READER: _on(f"{_RECORDS} {_ROWS} area", "view"),
    StaffRole.EDITOR: [
        *_on(_RECORDS, "add", "change"),
        *_on(_ROWS, "add", "change", "delete"),
        IMPORT_AGREEMENTS,
    ],
    StaffRole.PUBLISHER: [*_on(_RECORDS, "delete"), PUBLISH_AGREEMENT],
    # accounts are deactivated, not deleted, so that past edits keep their name
    StaffRole.ADMINISTRATOR: [
        *_on("area", "add", "change", "delete"),
        MERGE_PARTY,
        MERGE_PERSON,
        ERASE_NAME,
        *("auth.view_user", "auth.add_user", "auth.change_user", "auth.view_group"),
    ],
}
# The permissions that are not Django's own: the model each belongs to, and its name.
_SPECIAL = {
    PUBLISH_AGREEMENT: ("agreement", "Can publish, return and withdraw agreements"),
    IMPORT_AGREEMENTS: ("agreement", "Can import agreements from files"),
    MERGE_PARTY: ("party", "Can merge parties"),
    MERGE_PERSON: ("person", "Can merge people"),
    ERASE_NAME: ("erasure", "Can erase people's names"),
}

# A record in review is frozen until a publisher has reviewed it; a published one only publishers may change.
OPEN_TO_EDITORS = frozenset({Publication.DRAFT, Publication.WITHDRAWN})


class HasPublication(Protocol):
    """An agreement, or an earlier version of one."""

    publication: str


def may_see(user: Person, agreement: HasPublication) -> bool:
    """Whether this user may read this agreement; everybody may read published ones."""
    return agreement.publication == Publication.PUBLISHED or may_see_internal(user)


def may_see_internal(user: Person) -> bool:
    """Whether this user may read what the public does not see: drafts, and internal rows of published agreements."""
    return user.is_staff and user.has_perm(VIEW_AGREEMENT)


def may_edit(user: Person) -> bool:
    """Whether this user may enter and correct agreements; `may_change` says which."""
    return user.is_staff and user.has_perm(CHANGE_AGREEMENT)


def may_publish(user: Person) -> bool:
    """Whether this user may decide what the public sees; only staff may."""
    return user.is_staff and user.has_perm(PUBLISH_AGREEMENT)


def may_change(user: Person, agreement: HasPublication) -> bool:
    """Whether this user may change this agreement in its present state, or any row that belongs to it.

    Pass the agreement as stored: if `publication` already has its new value, the answer is wrong.
    """
    is_open = agreement.publication in OPEN_TO_EDITORS
    return may_edit(user) and (is_open or may_publish(user))


def may_change_shared(user: Person, record: "SharedRecord") -> bool:
    """Whether this user may change a party or source that published agreements may be using; one query.

    Django's own permission decides whether they may change parties or sources at all.
    """
    return may_publish(user) or not record.is_in_public()


def granted(role: StaffRole) -> Iterator[str]:
    """Yield every permission of a role, as `app.codename`."""
    roles = list(StaffRole)
    for lower in roles[: roles.index(role) + 1]:
        yield from GRANTS[lower]


def grant_roles(apps: Any, using: str) -> None:
    """Create the groups of the four roles, or add the permissions they lack; those an operator added stay.

    For migrations: `apps` is their registry. In a new database content types and permissions do not exist yet, since
    Django creates them after the last migration; so those needed are created here. Call this in a new migration
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
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    defaults = {"name": called}
    permission, _created = permissions.get_or_create(
        content_type=kind, codename=codename, defaults=defaults
    )
    if permission.name != called:
        # an earlier migration created it before its model
        permission.name = called
        permission.save(update_fields=["name"])
    return permission


def _in_words(app: str, model: str, apps: Any) -> str:
    """Return the model's name as in Django's own permissions; a model of a later migration has none yet."""
    try:
        return str(apps.get_model(app, model)._meta.verbose_name)
    except LookupError:
        return model

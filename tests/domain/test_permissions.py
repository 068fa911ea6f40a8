"""The four roles and what each may do, and that updating them keeps permissions that an operator has added."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.domain import permissions
from agreements.domain.choices import Publication
from agreements.domain.permissions import StaffRole, grant_roles
from agreements.models import Party, Source
from tests.colleagues import colleague, group_of
from tests.factories import (
    AgreementFactory,
    CommitmentFactory,
    EventFactory,
    EvidenceFactory,
    PartyFactory,
    SignatoryFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db
# internal models, which no screen shows
OF_THE_REGISTER = {"add", "change", "delete", "view"}


@pytest.mark.parametrize("role", StaffRole)
def test_role_may_what_the_one_before_it_may(role: StaffRole) -> None:
    held = set(group_of(role).permissions.values_list("codename", flat=True))
    roles = list(StaffRole)
    before = roles[max(0, roles.index(role) - 1)]

    assert held == {name.partition(".")[2] for name in permissions.granted(role)}
    assert held >= {name.partition(".")[2] for name in permissions.granted(before)}


def test_reader_changes_nothing() -> None:
    held = group_of(StaffRole.READER).permissions.values_list("codename", flat=True)

    assert {codename.partition("_")[0] for codename in held} == {"view"}


def test_nobody_but_superusers_gives_permissions_or_deletes_accounts() -> None:
    held = group_of(StaffRole.ADMINISTRATOR).permissions.filter(content_type__app_label="auth")

    assert set(held.values_list("codename", flat=True)) == {
        "view_user",
        "add_user",
        "change_user",
        "view_group",
    }


def test_roles_are_made_before_django_has_made_permissions() -> None:
    Permission.objects.all().delete()
    ContentType.objects.all().delete()
    Group.objects.all().delete()

    grant_roles(apps, "default")

    assert Group.objects.count() == len(StaffRole)
    assert colleague(StaffRole.PUBLISHER).has_perm("agreements.publish_agreement")


def test_what_an_operator_added_stays() -> None:
    group = group_of(StaffRole.READER)
    further = Permission.objects.get(codename="view_session")
    group.permissions.add(further)
    before = Permission.objects.count()

    grant_roles(apps, "default")
    grant_roles(apps, "default")

    assert further in group.permissions.all()
    assert Group.objects.count() == len(StaffRole)
    assert Permission.objects.count() == before


MAY_CHANGE = {
    StaffRole.READER: set(),
    StaffRole.EDITOR: {Publication.DRAFT, Publication.WITHDRAWN},
    StaffRole.PUBLISHER: set(Publication),
    StaffRole.ADMINISTRATOR: set(Publication),
}


@pytest.mark.parametrize("publication", Publication)
@pytest.mark.parametrize("role", StaffRole)
def test_who_may_change_which_agreement(role: StaffRole, publication: Publication) -> None:
    agreement = AgreementFactory.build(publication=publication)

    assert permissions.may_change(colleague(role), agreement) is (publication in MAY_CHANGE[role])


@pytest.mark.parametrize("closed", ["is_active", "is_staff"])
def test_closed_account_may_nothing(closed: str) -> None:
    user = colleague(StaffRole.PUBLISHER)
    setattr(user, closed, False)

    assert not permissions.may_publish(user)
    assert not permissions.may_change(user, AgreementFactory.build(draft=True))


PARTY_NAMED_IN: dict[str, Any] = {
    "participation": lambda party, agreement: agreement.participations.create(party=party),
    "signatory": lambda party, agreement: SignatoryFactory(party=party, agreement=agreement),
    "event": lambda party, agreement: EventFactory(party=party, agreement=agreement),
    "commitment": lambda party, agreement: CommitmentFactory(party=party, agreement=agreement),
}


@pytest.mark.parametrize("publication", Publication)
@pytest.mark.parametrize("part", PARTY_NAMED_IN)
def test_party_that_published_agreements_rest_on_is_for_publishers(
    part: str, publication: Publication
) -> None:
    state = PartyFactory(state=True)
    party, unused = PartyFactory(parent=state), PartyFactory(parent=state)
    PARTY_NAMED_IN[part](party, AgreementFactory(publication=publication))
    editor, publisher = colleague(StaffRole.EDITOR), colleague(StaffRole.PUBLISHER)

    open_to_editors = publication != Publication.PUBLISHED
    assert permissions.may_change_shared(editor, party) is open_to_editors
    assert permissions.may_change_shared(editor, state) is open_to_editors
    assert permissions.may_change_shared(editor, unused)
    assert permissions.may_change_shared(publisher, party)


@pytest.mark.parametrize("factory", [EvidenceFactory, EventFactory])
@pytest.mark.parametrize("publication", Publication)
def test_source_that_published_agreements_rest_on_is_for_publishers(
    factory: Any, publication: Publication
) -> None:
    source = SourceFactory()
    factory(source=source, agreement=AgreementFactory(publication=publication))
    editor = colleague(StaffRole.EDITOR)

    expected = publication != Publication.PUBLISHED
    assert permissions.may_change_shared(editor, source) is expected
    assert permissions.may_change_shared(colleague(StaffRole.PUBLISHER), source)


def test_asking_costs_few_queries() -> None:
    party, source = PartyFactory(), SourceFactory()
    editor = colleague(StaffRole.EDITOR)
    editor.has_perm("")

    with CaptureQueriesContext(connection) as captured:
        assert not Party.objects.get(pk=party.pk).is_in_public()
        assert not Source.objects.get(pk=source.pk).is_in_public()

    assert len(captured) <= 11

"""Every URL of the admin, role by role: who can open it, and that others change nothing by trying.

A new URL fails here until the table says who may open it.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.core import serializers
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from agreements.domain.choices import Publication
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Event
from tests.colleagues import colleague
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    PartyFactory,
    PersonFactory,
    SignatoryFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db

# The status codes for a Reader, an Editor, a Publisher and an Administrator.
ALL = (200, 200, 200, 200)
EDITORS = (403, 200, 200, 200)
PUBLISHERS = (403, 403, 200, 200)
ADMINISTRATORS = (403, 403, 403, 200)
NOBODY = (403, 403, 403, 403)
LED_ON = (302, 302, 302, 302)
# exists, but not for GET requests
BY_POST_ALONE = (405, 405, 405, 405)
NO_SUCH_ONE = (404, 404, 404, 404)

ROWS = ("commitment", "document", "event", "evidence", "signatory")
RECORDS = ("agreement", "area", "party", "person", "source")


def of_model(model: str, **pages: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    return {f"{model}_{page}": statuses for page, statuses in pages.items()}


TABLE: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("index", "app_list", "jsi18n"), ALL),
    "autocomplete": NOBODY,  # without saying for which field
    "view_on_site": LED_ON,
    # The user's own account, logging in and logging out
    **dict.fromkeys(("login", "login_code", "login_set_up", "login_password", "unsent"), LED_ON),
    **dict.fromkeys(("password_reset", "password_reset_done", "password_reset_confirm"), ALL),
    **dict.fromkeys(("password_change", "password_change_done"), ALL),
    **dict.fromkeys(("account", "account_set_up", "account_off", "account_codes"), ALL),
    **dict.fromkeys(("account_sessions", "logout"), BY_POST_ALONE),
    # without a provider
    **dict.fromkeys(("sign_on", "sign_on_back"), NO_SUCH_ONE),
    **dict.fromkeys(("account_sign_on", "account_confirm"), NOBODY),
    "find": ALL,
    # Help
    **dict.fromkeys(("help", "help_importing"), ALL),
    # What the user follows
    "following": ALL,
    **dict.fromkeys(("follow_agreement", "unfollow"), BY_POST_ALONE),
    **dict.fromkeys(("calendar_address", "calendar_revoke", "review_mails"), BY_POST_ALONE),
    # Accounts
    **of_model("auth_user", changelist=ADMINISTRATORS, add=ADMINISTRATORS, delete=NOBODY),
    **of_model("auth_user", change=ADMINISTRATORS, history=ADMINISTRATORS),
    **of_model("auth_user", password_change=ADMINISTRATORS, two_factor=ADMINISTRATORS),
    **of_model("auth_user", end_lockout=ADMINISTRATORS, sign_on=ADMINISTRATORS),
    **of_model("auth_group", changelist=ADMINISTRATORS, change=ADMINISTRATORS),
    **of_model("auth_group", history=ADMINISTRATORS, add=NOBODY, delete=NOBODY),
    # Records
    **{
        f"agreements_{model}_{page}": statuses
        for model in RECORDS
        for page, statuses in {
            **dict.fromkeys(("changelist", "change", "history", "deleted"), ALL),
            **dict.fromkeys(("version", "compare", "deleted_one"), NO_SUCH_ONE),
            "add": ADMINISTRATORS if model == "area" else EDITORS,
            "delete": ADMINISTRATORS if model == "area" else PUBLISHERS,
        }.items()
    },
    "agreements_agreement_preview": ALL,
    "agreements_agreement_review_queue": ALL,
    "agreements_agreement_review": LED_ON,  # a draft is not in review
    "agreements_agreement_propose": (403, 302, 302, 302),  # editors change a draft themselves
    "agreements_agreement_proposal": NO_SUCH_ONE,
    "agreements_agreement_likeness": ALL,
    **dict.fromkeys(("agreements_agreement_apart", "agreements_party_apart"), BY_POST_ALONE),
    "agreements_agreement_card": BY_POST_ALONE,
    "agreements_agreement_read_date": ALL,
    "agreements_agreement_read_source": BY_POST_ALONE,
    "agreements_party_likeness": ALL,
    "agreements_document_texts": NO_SUCH_ONE,
    "agreements_source_chosen": ALL,
    "agreements_agreement_step": LED_ON,
    "agreements_party_choices": NOBODY,  # without saying for which field
    "agreements_agreement_people": NOBODY,
    "agreements_party_suggestions": ALL,
    "agreements_party_in_place": EDITORS,
    "agreements_area_suggestions": ALL,
    # Rows of a draft
    **{
        f"agreements_{model}_{page}": statuses
        for model in ROWS
        for page, statuses in {
            **dict.fromkeys(("changelist", "change"), ALL),
            "history": LED_ON,
            **dict.fromkeys(("add", "delete"), EDITORS),
        }.items()
    },
    # Imports
    **of_model("agreements_import", changelist=ALL, add=EDITORS, delete=NOBODY),
    **of_model("agreements_import", change=LED_ON, history=LED_ON),
    **of_model("agreements_import", file=NO_SUCH_ONE, undo=(403, 404, 404, 404)),
    **of_model("agreements_import", parties=(403, 404, 404, 404), refused=NO_SUCH_ONE),
    **of_model("agreements_import", columns=(403, 404, 404, 404), values=(403, 404, 404, 404)),
    "agreements_import_template": (403, 404, 404, 404),  # of no such kind
    **{
        f"agreements_import_{verb}": NOBODY  # by GET
        for verb in ("answer", "apply", "cells", "discard", "keep")
    },
    **of_model("agreements_importprofile", changelist=EDITORS, add=EDITORS, history=LED_ON),
    **of_model("agreements_importprofile", change=(403, 302, 302, 302)),
    **of_model("agreements_importprofile", delete=(403, 302, 302, 302)),
    **of_model("agreements_importprofile", file=(403, 404, 404, 404)),
    # Publications of many records
    **of_model("agreements_publishingrun", changelist=ALL, add=NOBODY, delete=NOBODY),
    **of_model("agreements_publishingrun", change=NO_SUCH_ONE, history=LED_ON),
    "agreements_publishingrun_go_on": BY_POST_ALONE,
    # Merges
    "agreements_party_merge": (403, 403, 403, 302),
    "agreements_party_merge_into": ADMINISTRATORS,
    **of_model("agreements_partymerge", changelist=ALL, add=NOBODY, delete=NOBODY),
    **of_model("agreements_partymerge", history=LED_ON, change=LED_ON),
    **of_model("agreements_partymerge", undo=(403, 403, 403, 302)),
    # Erasures of names
    **of_model("agreements_erasure", changelist=ADMINISTRATORS, erase=ADMINISTRATORS),
    **of_model("agreements_erasure", add=NOBODY, delete=NOBODY),
    **of_model("agreements_erasure", history=LED_ON, change=(403, 403, 403, 302)),
}


def admin_addresses(patterns: list[Any]) -> Iterator[tuple[str, int]]:
    """The name of each URL and how many arguments it takes; URLs without a name only redirect to others."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from admin_addresses(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name, pattern.pattern.regex.groups or len(pattern.pattern.converters)


ARGUMENTS = dict(admin_addresses(admin.site.urls[0]))


@pytest.fixture
def register() -> None:
    """A draft with one row of every kind, each with the id 1."""
    draft = AgreementFactory(id=1, draft=True, areas=[AreaFactory(id=1)])
    source, party = SourceFactory(id=1), PartyFactory(id=1)
    EventFactory(id=1, agreement=draft, party=party)
    PersonFactory(id=1)
    EvidenceFactory(id=1, agreement=draft, source=source)
    for factory in (CommitmentFactory, DocumentFactory, SignatoryFactory):
        factory(id=1, agreement=draft)


def address_of(name: str) -> str:
    argument: Any = "agreements" if name == "app_list" else 1
    if name.startswith("auth_user"):
        argument = User.objects.get(username="somebody").pk
    return reverse(f"admin:{name}", args=[argument] * ARGUMENTS[name])


def logged_in(role: StaffRole) -> Client:
    client = Client()
    client.force_login(colleague(role))
    colleague(StaffRole.READER, username="somebody")
    return client


def everything() -> str:
    """Everything in the register and the accounts, as text."""
    models = [
        *apps.get_app_config("agreements").get_models(),
        *apps.get_app_config("auth").get_models(),
    ]
    return "\n".join(
        serializers.serialize("json", model._default_manager.order_by("pk"))
        for model in models
        if "session" not in model._meta.model_name
    )


def test_every_address_is_in_the_table() -> None:
    assert set(ARGUMENTS) == set(TABLE)


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("role", StaffRole)
def test_each_role_opens_what_the_table_says(role: StaffRole) -> None:
    client, column = logged_in(role), list(StaffRole).index(role)

    answers = {name: client.get(address_of(name)).status_code for name in TABLE}

    assert answers == {name: statuses[column] for name, statuses in TABLE.items()}


# What pages send to save, delete or take an action; each view uses the part it knows.
SENT = {
    "title": "Typed",
    "name": "Typed",
    "publisher": "Typed",
    "username": "typed",
    "kind": "mou",
    "slug": "typed",
    "step": "publish",
    "post": "yes",
    "action": "delete_selected",
    "_selected_action": "1",
    "is_superuser": "on",
    "agreement": "1",
    "text": "Typed",
    "why": "Typed",
    "_save": "Save",
}


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("role", StaffRole)
def test_what_is_refused_to_be_opened_is_refused_to_be_sent(role: StaffRole) -> None:
    client, column = logged_in(role), list(StaffRole).index(role)
    refused = [name for name, statuses in TABLE.items() if statuses[column] == 403]
    before = everything()

    answers = {name: client.post(address_of(name), SENT).status_code for name in refused}

    assert set(answers.values()) <= {403, 404, 405}, answers
    assert everything() == before


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("publication", Publication)
@pytest.mark.parametrize(
    ("role", "is_open"),
    [
        (StaffRole.READER, set()),
        (StaffRole.EDITOR, {Publication.DRAFT, Publication.WITHDRAWN}),
        (StaffRole.PUBLISHER, set(Publication)),
    ],
)
def test_agreement_and_its_rows_are_open_to_whom_they_should(
    role: StaffRole, is_open: set[Publication], publication: Publication
) -> None:
    client = logged_in(role)
    Agreement.objects.update(publication=publication)
    pages = [f"agreements_{model}_change" for model in ("agreement", *ROWS)]

    saving = {
        name: 'name="_save"' in client.get(address_of(name)).content.decode() for name in pages
    }

    assert saving == dict.fromkeys(pages, publication in is_open)


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("publication", [Publication.IN_REVIEW, Publication.PUBLISHED])
@pytest.mark.parametrize("role", [StaffRole.READER, StaffRole.EDITOR])
def test_nothing_that_is_sent_changes_a_closed_agreement(
    role: StaffRole, publication: Publication
) -> None:
    client = logged_in(role)
    Agreement.objects.update(publication=publication)
    before = everything()

    send_everything(client)

    assert everything() == before


@pytest.mark.usefixtures("register")
def test_the_same_changes_it_where_it_may_be_sent() -> None:
    """Otherwise the sweep might find nothing only because what it sends has no effect."""
    client = logged_in(StaffRole.PUBLISHER)

    send_everything(client)

    assert not Event.objects.exists()
    assert not Agreement.objects.filter(publication=Publication.DRAFT).exists()


def send_everything(client: Client) -> None:
    addresses = [
        address_of(f"agreements_{model}_{page}")
        for model in ("agreement", *ROWS, "area")
        for page in ("change", "delete", "changelist")
    ]
    actions = ("delete_selected", "publish", "withdraw", "return_with_reason")
    token = Agreement.objects.get().edit_token
    sent = {**SENT, "edit_token": token, "edit_token-1": token}
    for address in addresses:
        for action in actions:
            client.post(address, {**sent, "action": action})
    client.post(address_of("agreements_agreement_step"), sent)
    client.post(address_of("agreements_event_add"), {**sent, "kind": "meeting"})

"""E-mails about reviews: to whom, once, after the commit, and none that nobody wants or may read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from agreements.curation import workflow
from agreements.curation.history.recording import recorded
from agreements.domain.choices import PublicationVerb
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, OutgoingMail, ReviewMailsOff
from agreements.notifications import outbox
from agreements.notifications.mail import Mailer
from tests.colleagues import colleague
from tests.factories import AgreementFactory, EvidenceFactory, PartyFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def person(role: StaffRole, name: str, **fields: Any) -> User:
    user = colleague(role, username=name)
    User.objects.filter(pk=user.pk).update(**{"email": f"{name}@example.org", **fields})
    return User.objects.get(pk=user.pk)


@pytest.fixture
def editor() -> User:
    return person(StaffRole.EDITOR, "editor", first_name="Kamran", last_name="Mammadov")


@pytest.fixture
def publisher() -> User:
    return person(StaffRole.PUBLISHER, "publisher")


def draft(**fields: Any) -> Agreement:
    agreement = AgreementFactory(draft=True, parties=PartyFactory.create_batch(2), **fields)
    EvidenceFactory(agreement=agreement)
    return agreement


def take(verb: PublicationVerb, agreement: Agreement, by: User, reason: str = "") -> None:
    workflow.take(verb, agreement, by=by, at=datetime.now(UTC), reason=reason)


def sent() -> dict[str, Any]:
    """Send what is due, and return the e-mails by recipient."""
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=5)), Mailer() as mailer:
        outbox.send_due(mailer)
    assert len(mail.outbox) == len({message.to[0] for message in mail.outbox})
    return {message.to[0].partition("@")[0]: message for message in mail.outbox}


def test_publishers_learn_once_what_was_submitted(editor: User, publisher: User) -> None:
    person(StaffRole.READER, "reader")
    person(StaffRole.EDITOR, "another")
    person(StaffRole.PUBLISHER, "gone", is_active=False)
    person(StaffRole.PUBLISHER, "unreachable", email="")
    off = person(StaffRole.PUBLISHER, "off")
    ReviewMailsOff.objects.create(user=off)
    first, second = draft(title="<One>"), draft(title="Two")

    take(PublicationVerb.SUBMIT, first, editor, "Please hurry.")
    take(PublicationVerb.SUBMIT, second, editor)
    rows = OutgoingMail.objects.all()
    assert not any("One" in str(row.facts) for row in rows), "no words of the record are kept"
    mails = sent()

    assert mails.keys() == {"publisher"}
    text, html = mails["publisher"].body, mails["publisher"].alternatives[0].content
    assert mails["publisher"].subject == "MoU Tracker: 2 records for review"
    assert f"Kamran Mammadov submitted {first} for review" in text
    assert "Please hurry." in text
    assert reverse("admin:agreements_agreement_review", args=[second.pk]) in text
    assert reverse("admin:following") in text
    assert "&lt;One&gt;" in html
    assert sent() == mails, "a second run sends nothing more"


def test_many_are_told_in_one_mail_of_bounded_length(
    editor: User, publisher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_ENTRIES", 2)

    for _number in range(4):
        take(PublicationVerb.SUBMIT, draft(), editor)
    message = sent()["publisher"]

    assert message.subject == "MoU Tracker: 4 records for review"
    assert message.body.count("submitted") == 2
    assert "and 2 more" in message.body


def test_nobody_hears_about_what_they_did(publisher: User) -> None:
    agreement = draft()

    take(PublicationVerb.SUBMIT, agreement, publisher)
    take(PublicationVerb.PUBLISH, agreement, publisher)

    assert sent() == {}


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        (PublicationVerb.RETURN, "publisher returned"),
        (PublicationVerb.PUBLISH, "publisher published"),
    ],
)
def test_those_who_worked_on_it_learn_the_decision(
    editor: User, publisher: User, verb: PublicationVerb, words: str
) -> None:
    writer = person(StaffRole.EDITOR, "writer")
    person(StaffRole.EDITOR, "another")
    agreement = draft()
    with recorded(by=writer):
        Agreement.objects.get(pk=agreement.pk).save()
        changed = Agreement.objects.get(pk=agreement.pk)
        changed.place = "Baku"
        changed.save()
    ReviewMailsOff.objects.create(user=publisher)
    take(PublicationVerb.SUBMIT, agreement, editor)

    take(verb, agreement, publisher, "Which page?")
    mails = sent()

    assert mails.keys() == {"editor", "writer"}
    assert f"{words} {agreement}" in mails["editor"].body
    assert "Which page?" in mails["editor"].body


def test_publishing_a_draft_tells_nobody(editor: User, publisher: User) -> None:
    agreement = draft()
    with recorded(by=editor):
        agreement.place = "Baku"
        agreement.save()

    take(PublicationVerb.PUBLISH, agreement, publisher)

    assert sent() == {}


def test_what_was_rolled_back_is_not_told(editor: User, publisher: User) -> None:
    agreement = draft()

    with transaction.atomic():
        take(PublicationVerb.SUBMIT, agreement, editor)
        transaction.set_rollback(True)

    assert sent() == {}


@pytest.mark.parametrize("lost", ["rights", "record", "decided"])
def test_news_that_no_longer_holds_is_not_sent(editor: User, publisher: User, lost: str) -> None:
    agreement = draft()
    take(PublicationVerb.SUBMIT, agreement, editor)
    if lost == "rights":
        User.objects.filter(pk=publisher.pk).update(is_staff=False)
    elif lost == "record":
        Agreement.objects.get(pk=agreement.pk).delete()
    else:
        take(PublicationVerb.RECALL, agreement, editor)

    assert sent() == {}
    assert not OutgoingMail.objects.exists()


def test_site_without_mail_keeps_nothing(editor: User, publisher: User, settings: Settings) -> None:
    settings.SENDS_MAIL = False

    take(PublicationVerb.SUBMIT, draft(), editor)

    assert not OutgoingMail.objects.exists()


def test_person_turns_them_off_and_on(client: Client, publisher: User) -> None:
    client.force_login(publisher)
    page = reverse("admin:review_mails")

    client.post(page, {"wanted": "no"})
    client.post(page, {"wanted": "no"})
    assert ReviewMailsOff.objects.filter(user=publisher).count() == 1
    assert "You have turned them off." in client.get(reverse("admin:following")).content.decode()
    client.post(page, {"wanted": "yes"})

    assert not ReviewMailsOff.objects.exists()

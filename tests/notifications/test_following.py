"""Following an agreement or a selection, and the news that followers get."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from agreements.curation.history.recording import recorded
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Follow, ReminderRun
from agreements.notifications.following import news, selections
from agreements.notifications.following.follows import (
    follow_agreement,
    follow_selection,
    followed_by,
)
from agreements.notifications.following.news import tell_followers
from agreements.notifications.following.selections import NotFollowableError, query_in
from agreements.notifications.mail import Mailer, Report
from tests.colleagues import colleague
from tests.factories import AgreementFactory, CommitmentFactory, PartyFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def clerk() -> User:
    user = colleague(StaffRole.EDITOR)
    user.email = "clerk@ministry.example"
    user.save()
    return user


def tell(at: datetime = NOON) -> Report:
    with time_machine.travel(at, tick=False), Mailer() as mailer:
        return tell_followers(mailer, at=at)


def parts_of_last_mail() -> dict[str, list[str]]:
    """Return what the last e-mail lists, by heading."""
    found: dict[str, list[str]] = {}
    for line in mail.outbox[-1].body.splitlines():
        if line.endswith(")") and line.partition(" (")[0] in (
            "New",
            "Changed",
            "No longer included",
        ):
            found[line.partition(" (")[0]] = []
        elif line.startswith("- ") and found:
            found[list(found)[-1]].append(line.removeprefix("- "))
    return found


# ------------------------------------------------------------------ what can be followed


@pytest.mark.parametrize(
    ("pasted", "query"),
    [
        ("http://127.0.0.1:8000/agreements/?country=UZ", "country=UZ"),
        ("https://other.example/agreements/?country=UZ&sort=title&page=3", "country=UZ&sort=title&page=3"),
        ("/agreements.csv?country=UZ", "country=UZ"),
        ("/statistics/?country=UZ", "country=UZ"),
        ("  ?country=UZ ", "country=UZ"),
        ("country=UZ", "country=UZ"),
        ("?q=a/b", "q=a/b"),
        ("/agreements/", ""),
    ],
)  # fmt: skip
def test_query_is_found_in_what_was_pasted(pasted: str, query: str) -> None:
    assert query_in(pasted) == query


@pytest.mark.parametrize(
    ("pasted", "reason"),
    [
        ("https://example.org/", "not a URL of the list"),
        ("/parties/azerbaijan/", "not a URL of the list"),
        ("/agreements/AGR-0001/", "not a URL of the list"),
        ("http://[broken/agreements/?a=b", "not a URL of the list"),
        ("?status=sleeping", "status"),
        ("?contry=UZ", "country"),
        ("?q=" + "x" * 3000, "too long"),
        ("\x00", "not a URL of the list"),
        ("", "not a URL of the list"),
        ("Uzbekistan", "not a URL of the list"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_the_reason(
    clerk: User, pasted: str, reason: str
) -> None:
    with pytest.raises(NotFollowableError, match=reason):
        follow_selection(clerk, pasted, at=NOON)

    assert not Follow.objects.exists()


def test_too_much_to_follow_is_refused(clerk: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selections, "MOST_FOLLOWED", 2)
    AgreementFactory.create_batch(3)

    with pytest.raises(
        NotFollowableError, match="selects 3 agreements, but you can follow 2 at most"
    ):
        follow_selection(clerk, "/agreements/", at=NOON)


def test_too_much_to_follow_is_counted_and_not_loaded(
    clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selections, "MOST_FOLLOWED", 2)
    AgreementFactory.create_batch(3)

    with (
        CaptureQueriesContext(connection) as captured,
        pytest.raises(NotFollowableError),
    ):
        follow_selection(clerk, "/agreements/", at=NOON)

    assert "COUNT(" in captured[-1]["sql"]
    assert not [query for query in captured if '"updated_at"' in query["sql"]]


def test_selection_that_grows_beyond_the_most_is_followed_in_part_and_says_so(
    clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selections, "MOST_FOLLOWED", 3)
    first = AgreementFactory()
    follow = follow_selection(clerk, "/agreements/", at=NOON)
    _second, third, fourth = AgreementFactory.create_batch(3)

    tell()
    assert follow.sightings.count() == 3
    assert parts_of_last_mail().keys() == {"New"}
    assert fourth.ref not in mail.outbox[-1].body
    for content in (mail.outbox[-1].body, mail.outbox[-1].alternatives[0].content):
        assert "It has grown to 4 agreements, and you follow only 3 of them." in content
    assert tell().sent == []

    Agreement.objects.filter(pk=first.pk).update(publication="withdrawn")
    third.public_notes += "Changed."
    third.save()
    tell()
    assert parts_of_last_mail() == {
        "New": [str(fourth)],
        "Changed": [str(third)],
        "No longer included": [str(first)],
    }
    assert "It has grown" not in mail.outbox[-1].body


def test_selection_that_was_followed_beyond_the_most_loses_nothing(
    clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    AgreementFactory.create_batch(3)
    follow = follow_selection(clerk, "/agreements/", at=NOON)
    monkeypatch.setattr(selections, "MOST_FOLLOWED", 2)
    AgreementFactory()

    assert tell().sent == []
    assert follow.sightings.count() == 3


def test_the_same_selection_is_followed_once(clerk: User) -> None:
    for pasted in ("country=UZ&kind=mou&sort=title", "?kind=mou&country=UZ&page=2", "kind=mou&country=UZ"):  # fmt: skip
        follow_selection(clerk, pasted, at=NOON)

    assert [follow.query for follow in Follow.objects.all()] == ["country=UZ&kind=mou"]


def test_the_same_agreement_is_followed_once(clerk: User) -> None:
    agreement = AgreementFactory()
    for _time in range(2):
        follow_agreement(clerk, agreement, at=NOON)

    assert Follow.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Follow.objects.create(user=clerk, agreement=agreement, since=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Follow.objects.create(user=clerk, agreement=AgreementFactory(), query="a=b", since=NOON)


# ------------------------------------------------------------------ the news


def test_followed_agreement_is_told_when_it_or_a_row_of_it_changes(clerk: User) -> None:
    agreement = AgreementFactory()
    follow_agreement(clerk, agreement, at=NOON)
    assert tell().sent == []

    agreement.title = "Anew"
    agreement.save()
    tell()
    tell()
    CommitmentFactory(agreement=agreement)
    tell()

    assert [message.subject for message in mail.outbox] == [
        f"What you follow has changed: {agreement.ref} Anew"
    ] * 2
    assert parts_of_last_mail() == {"Changed": [f"{agreement.ref} Anew"]}


def test_selection_tells_what_enters_changes_and_leaves(clerk: User) -> None:
    uzbekistan = PartyFactory(country="UZ")
    stays, changes, leaves, draft = (
        AgreementFactory(title=title, parties=[uzbekistan], draft=title == "draft")
        for title in ("stays", "changes", "leaves", "draft")
    )
    follow_selection(clerk, "country=UZ", at=NOON)
    assert tell().sent == []

    for agreement, publication in ((changes, "published"), (leaves, "withdrawn"), (draft, "published")):  # fmt: skip
        agreement.publication = publication
        agreement.public_notes += "Changed."
        agreement.save()
    AgreementFactory(title="elsewhere")
    tell()
    tell()

    assert len(mail.outbox) == 1
    assert parts_of_last_mail() == {
        "New": [str(draft)],
        "Changed": [str(changes)],
        "No longer included": [str(leaves)],
    }
    assert "http://127.0.0.1:8000/agreements/?country=UZ" in mail.outbox[0].body
    assert stays.ref not in mail.outbox[0].body


def test_what_leaves_by_the_passing_of_time_is_told(clerk: User) -> None:
    agreement = AgreementFactory(in_force="2020", expires_stated="2026-12-01")
    with time_machine.travel(NOON, tick=False):
        follow_selection(clerk, "status=in_force", at=NOON)

    tell(NOON + timedelta(days=5))
    tell(NOON + timedelta(days=20))

    assert len(mail.outbox) == 1
    assert parts_of_last_mail() == {"No longer included": [str(agreement)]}


def test_title_of_a_withdrawn_record_is_hidden_from_those_who_may_not_see_it(clerk: User) -> None:
    agreement = AgreementFactory(title="Not for everybody")
    follow_selection(clerk, "/agreements/", at=NOON)
    clerk.groups.clear()
    Agreement.objects.filter(pk=agreement.pk).update(publication="withdrawn")

    tell()

    assert parts_of_last_mail() == {"No longer included": [agreement.ref]}
    assert "Not for everybody" not in mail.outbox[0].body


def test_changes_of_what_one_may_not_see_are_not_told(clerk: User) -> None:
    agreement = AgreementFactory(draft=True)
    follow_agreement(clerk, agreement, at=NOON)
    clerk.groups.clear()
    agreement.public_notes += "Changed."
    agreement.save()

    assert tell().sent == []


def test_long_news_names_some_and_counts_the_rest(
    clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "MOST_NAMED", 2)
    follow_selection(clerk, "/agreements/", at=NOON)
    AgreementFactory.create_batch(5)

    tell()

    assert len(parts_of_last_mail()["New"]) == 2
    assert "New (5)" in mail.outbox[0].body
    assert "and 3 more" in mail.outbox[0].body


def test_selection_that_is_no_longer_valid_has_lost_its_agreements(clerk: User) -> None:
    agreement = AgreementFactory(parties=[PartyFactory(slug="ministry")])
    follow_selection(clerk, "party=ministry", at=NOON)
    Agreement.objects.update(publication="withdrawn")

    tell()
    tell()

    assert [message.subject for message in mail.outbox] == [
        "What you follow has changed: ?party=ministry, which no longer selects anything"
    ]
    assert parts_of_last_mail() == {"No longer included": [str(agreement)]}


def test_followers_without_email_are_named(clerk: User) -> None:
    follow_selection(clerk, "/agreements/", at=NOON)
    User.objects.update(email="")
    AgreementFactory()

    assert tell().left_out == {clerk.username: "no e-mail address"}


class _Down(EmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise ConnectionResetError("gone")


def test_what_could_not_be_sent_is_told_by_the_next_run(clerk: User) -> None:
    follow_selection(clerk, "/agreements/", at=NOON)
    agreement = AgreementFactory()
    with override_settings(EMAIL_BACKEND=f"{__name__}._Down"):
        assert len(tell().failed) == 1

    assert len(tell().sent) == 1
    assert parts_of_last_mail() == {"New": [str(agreement)]}


class _Meanwhile(Mailer):
    """Does something while the first e-mail is being sent."""

    def __init__(self, what: Callable[[], object]) -> None:
        super().__init__()
        self._what: Callable[[], object] | None = what

    def send(self, message: Any) -> str:
        what, self._what = self._what, None
        if what:
            what()
        return super().send(message)


def no_template() -> None:
    raise RuntimeError("no such template")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gone", ["one follow", "all follows", "agreement", "other", "both"])
def test_follow_that_ends_while_an_email_is_sent_stops_no_other(clerk: User, gone: str) -> None:
    one, other = AgreementFactory(), AgreementFactory()
    follows = [follow_agreement(clerk, each, at=NOON) for each in (one, other)]
    follows.append(follow_selection(clerk, "/agreements/", at=NOON))
    for agreement in (one, other):
        agreement.title += "!"
        agreement.save()
    ends = {
        "one follow": Follow.objects.filter(pk=follows[0].pk),
        "all follows": Follow.objects.all(),
        "agreement": Agreement.objects.filter(pk=one.pk),
        "other": Agreement.objects.filter(pk=other.pk),
        "both": Agreement.objects.all(),
    }

    with time_machine.travel(NOON, tick=False), _Meanwhile(ends[gone].delete) as mailer:
        report = tell_followers(mailer, at=NOON)

    sent = {"one follow": 3, "all follows": 1, "agreement": 3, "other": 2, "both": 1}
    assert report.failed == []
    assert len(report.sent) == len(mail.outbox) == sent[gone]
    assert tell().sent == []


def test_failure_for_one_follower_is_reported_and_the_others_are_told(clerk: User) -> None:
    agreements = AgreementFactory.create_batch(3)
    for agreement in agreements:
        follow_agreement(clerk, agreement, at=NOON)
        agreement.public_notes += "Changed."
        agreement.save()

    with time_machine.travel(NOON, tick=False), _Meanwhile(no_template) as mailer:
        report = tell_followers(mailer, at=NOON)

    assert report.failed == [
        f"clerk@ministry.example: {agreements[0].ref} (RuntimeError: no such template)"
    ]
    assert len(report.sent) == 2
    assert len(tell().sent) == 1


def test_dry_run_sends_and_stores_nothing(clerk: User) -> None:
    follow_selection(clerk, "/agreements/", at=NOON)
    AgreementFactory()

    assert len(tell_followers(None, at=NOON).sent) == 1
    assert mail.outbox == []
    assert len(tell().sent) == 1


def test_what_another_run_is_telling_is_left_to_it(clerk: User) -> None:
    follow = follow_selection(clerk, "/agreements/", at=NOON)
    AgreementFactory()
    assert follow.claim(NOON, lost_since=NOON)

    assert tell(NOON + timedelta(minutes=59)).sent == []
    assert len(tell(NOON + timedelta(minutes=61)).sent) == 1


def test_queries_do_not_grow_with_the_news(clerk: User) -> None:
    follow_selection(clerk, "/agreements/", at=NOON)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            tell()
        return len(captured)

    AgreementFactory()
    one = queries()
    AgreementFactory.create_batch(20)

    assert queries() == one


# ------------------------------------------------------------------ everything a person follows


def test_followed_by_a_person_is_each_once_and_only_what_they_may_see(clerk: User) -> None:
    followed, responsible, selected, draft, withdrawn, _other = (
        AgreementFactory(title=title, publication=publication, kind=kind)
        for title, publication, kind in (
            ("followed", "published", "mou"),
            ("responsible", "published", "mou"),
            ("selected", "published", "treaty"),
            ("draft", "draft", "mou"),
            ("withdrawn", "withdrawn", "mou"),
            ("other", "published", "mou"),
        )
    )
    follow_agreement(clerk, followed, at=NOON)
    follow_agreement(clerk, selected, at=NOON)
    follow_selection(clerk, "kind=treaty", at=NOON)
    for agreement in (responsible, followed, draft, withdrawn):
        agreement.responsible.add(clerk, colleague(StaffRole.READER, username=agreement.title))

    def titles() -> list[str]:
        user = User.objects.get(pk=clerk.pk)
        return sorted(row.title for row in followed_by(user, date(2026, 11, 21)))

    assert titles() == ["draft", "followed", "responsible", "selected"]
    clerk.groups.clear()
    assert titles() == ["followed", "responsible", "selected"]


# ------------------------------------------------------------------ the follower's own changes


def edited(agreement: Agreement, by: User, **facts: Any) -> None:
    with recorded(by=by):
        for name, value in facts.items():
            setattr(agreement, name, value)
        agreement.public_notes += "Changed."
        agreement.save()


def test_followers_are_not_told_of_their_own_edits(clerk: User) -> None:
    with recorded():
        agreement = AgreementFactory()
    follow_agreement(clerk, agreement, at=NOON)
    follow_selection(clerk, "kind=mou", at=NOON)

    edited(agreement, clerk, title="Mine")

    assert tell().sent == []
    edited(agreement, colleague(StaffRole.PUBLISHER), title="Theirs")
    assert len(tell().sent) == 2
    assert tell().sent == []


def test_an_edit_of_somebody_else_before_or_after_ones_own_is_told(clerk: User) -> None:
    other = colleague(StaffRole.PUBLISHER)
    for first, second in ((clerk, other), (other, clerk)):
        with recorded():
            agreement = AgreementFactory()
        follow_agreement(clerk, agreement, at=NOON)
        edited(agreement, first, title="First")
        edited(agreement, second, title="Second")

        assert len(tell().sent) == 1


def test_what_a_command_or_nobody_known_has_changed_is_told(clerk: User) -> None:
    with recorded():
        agreement = AgreementFactory()
    follow_agreement(clerk, agreement, at=NOON)
    edited(agreement, clerk, title="Mine")

    with recorded():
        agreement.place = "Baku"
        agreement.save()

    assert len(tell().sent) == 1


def test_what_leaves_by_ones_own_hand_is_not_told_and_what_leaves_by_time_is(clerk: User) -> None:
    with recorded():
        taken, ended = (
            AgreementFactory(in_force="2020", expires_stated="2026-12-01") for _n in "ab"
        )
    with time_machine.travel(NOON, tick=False):
        follow_selection(clerk, "status=in_force", at=NOON)
    edited(taken, clerk, publication="withdrawn")
    assert tell().sent == []

    tell(NOON + timedelta(days=20))

    assert parts_of_last_mail() == {"No longer included": [str(ended)]}


def test_what_enters_by_ones_own_hand_since_the_last_run_is_not_told(clerk: User) -> None:
    with recorded():
        draft, other = (AgreementFactory(draft=True) for _n in "ab")
    follow_selection(clerk, "kind=mou", at=NOON)
    ReminderRun.objects.create(day=NOON.date(), ended_at=timezone.now())

    edited(draft, clerk, publication="published")
    edited(other, colleague(StaffRole.PUBLISHER), publication="published")
    tell()

    assert parts_of_last_mail() == {"New": [str(other)]}
    assert tell().sent == []

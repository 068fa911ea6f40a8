"""The page "What I follow", the button on an agreement's page, and the responsible people there."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, CalendarAddress, Follow
from agreements.notifications.calendar_tokens import owner_of
from agreements.notifications.following import selections
from agreements.security.sessions import AUTH_TIME
from tests.admin.sent import agreement_form
from tests.colleagues import colleague
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:following")


@pytest.fixture
def clerk() -> User:
    return colleague(StaffRole.EDITOR)


@pytest.fixture
def as_clerk(client: Client, clerk: User) -> Client:
    """Logged in by single sign-on, with a password given to the provider a moment ago."""
    client.force_login(clerk)
    session = client.session
    session[AUTH_TIME] = time.time()
    session.save()
    return client


def change(agreement: Agreement) -> str:
    return reverse("admin:agreements_agreement_change", args=[agreement.pk])


def test_page_works_for_who_follows_nothing(as_clerk: Client) -> None:
    response = as_clerk.get(PAGE)

    assert response.status_code == 200
    assert "press “Follow”" in response.content.decode()
    assert PAGE in as_clerk.get(reverse("admin:index")).content.decode()


def test_pasted_selection_is_followed_and_shown_in_words(as_clerk: Client) -> None:
    response = as_clerk.post(PAGE, {"pasted": "http://127.0.0.1:8000/agreements/?kind=treaty"}, follow=True)  # fmt: skip

    page = response.content.decode()
    assert "You now follow: Agreements (treaty)." in page
    assert 'href="/agreements/?kind=treaty"' in page


def test_refused_address_stays_where_it_was_typed(as_clerk: Client) -> None:
    response = as_clerk.post(PAGE, {"pasted": '/parties/"><script>'})

    page = response.content.decode()
    assert response.status_code == 400
    assert "This is not a URL of the list of agreements." in page
    assert 'value="/parties/&quot;&gt;&lt;script&gt;"' in page
    assert not Follow.objects.exists()


def test_agreement_is_followed_and_left_from_its_own_page(as_clerk: Client) -> None:
    agreement = AgreementFactory(draft=True)
    follow = reverse("admin:follow_agreement", args=[agreement.pk])
    assert f'action="{follow}"' in as_clerk.get(change(agreement)).content.decode()

    response = as_clerk.post(follow)
    assert response["Location"] == change(agreement)
    stop = reverse("admin:unfollow", args=[Follow.objects.get().pk])
    assert f'action="{stop}"' in as_clerk.get(change(agreement)).content.decode()
    assert agreement.ref in as_clerk.get(PAGE).content.decode()

    for _twice in range(2):
        assert as_clerk.post(stop).status_code == 302
    assert not Follow.objects.exists()


def test_selection_that_has_grown_too_large_says_so(
    as_clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selections, "MOST_FOLLOWED", 2)
    as_clerk.post(PAGE, {"pasted": "kind=mou"})
    AgreementFactory.create_batch(2)
    assert "It has grown" not in as_clerk.get(PAGE).content.decode()

    AgreementFactory()

    page = as_clerk.get(PAGE).content.decode()
    assert "It has grown to 3 agreements, and you follow only 2 of them." in page


def test_nobody_stops_what_another_follows(as_clerk: Client, django_user_model: Any) -> None:
    other = colleague(StaffRole.EDITOR, username="other")
    follow = Follow.objects.create(user=other, query="kind=mou", since="2026-01-01T00:00Z")

    as_clerk.post(reverse("admin:unfollow", args=[follow.pk]))

    assert Follow.objects.count() == 1
    assert "kind=mou" not in as_clerk.get(PAGE).content.decode()


def test_who_may_not_see_a_draft_cannot_follow_it(client: Client) -> None:
    client.force_login(User.objects.create_user("newcomer", is_staff=True))
    draft, published = AgreementFactory(draft=True), AgreementFactory()

    for agreement in (draft, published):
        client.post(reverse("admin:follow_agreement", args=[agreement.pk]))

    assert [follow.agreement for follow in Follow.objects.all()] == [published]
    assert f'href="{published.get_absolute_url()}"' in client.get(PAGE).content.decode()


def test_responsible_person_without_the_right_to_see_drafts_is_shown_none(client: Client) -> None:
    newcomer = User.objects.create_user("newcomer", is_staff=True)
    draft, published = AgreementFactory(draft=True, title="Not for everybody"), AgreementFactory()
    for agreement in (draft, published):
        agreement.responsible.add(newcomer)
    client.force_login(newcomer)

    page = client.get(PAGE).content.decode()

    assert published.ref in page
    assert draft.ref not in page
    assert draft.title not in page


@pytest.mark.parametrize(
    "name", ["follow_agreement", "unfollow", "calendar_address", "calendar_revoke"]
)
def test_looking_changes_nothing(as_clerk: Client, name: str) -> None:
    arguments = [AgreementFactory().pk] if name in ("follow_agreement", "unfollow") else []

    assert as_clerk.get(reverse(f"admin:{name}", args=arguments)).status_code == 405


def test_calendar_address_is_shown_once(as_clerk: Client, clerk: User) -> None:
    made = as_clerk.post(reverse("admin:calendar_address"))
    address = made.context["calendar_url"]

    token = address.rpartition("/")[2].removesuffix(".ics")
    assert owner_of(token) == clerk
    assert address in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert token not in as_clerk.get(PAGE).content.decode()


def test_calendar_address_is_revoked(as_clerk: Client) -> None:
    as_clerk.post(reverse("admin:calendar_address"))

    page = as_clerk.post(reverse("admin:calendar_revoke"), follow=True).content.decode()

    assert "Your calendar URL no longer works." in page
    assert not CalendarAddress.objects.exists()


def test_responsible_people_are_chosen_from_the_staff(as_clerk: Client, clerk: User) -> None:
    User.objects.create_user("visitor")
    colleague(StaffRole.READER, username="left").delete()
    agreement = AgreementFactory(draft=True)

    page = as_clerk.get(change(agreement))
    field = page.context["adminform"].form.fields["responsible"]
    assert [label for _value, label in field.choices] == ["editor, no e-mail address"]

    as_clerk.post(change(agreement), agreement_form(title="Any", responsible=[clerk.pk], edit_token=agreement.edit_token))  # fmt: skip
    assert list(agreement.responsible.all()) == [clerk]
    assert agreement.ref in as_clerk.get(PAGE).content.decode()


def test_responsible_person_who_left_stays_until_taken_off(as_clerk: Client) -> None:
    left = colleague(StaffRole.EDITOR, username="left")
    left.is_active = False
    left.save()
    agreement = AgreementFactory(draft=True)
    agreement.responsible.add(left)

    field = as_clerk.get(change(agreement)).context["adminform"].form.fields["responsible"]

    assert [label for _value, label in field.choices] == [
        "editor, no e-mail address",
        "left, no longer active",
    ]


def people_found(client: Client, term: str) -> list[tuple[str, str]]:
    of = {"app_label": "agreements", "model_name": "agreement", "field_name": "responsible"}
    answer = client.get(reverse("admin:agreements_agreement_people"), {**of, "term": term})
    assert answer.status_code == 200
    return [(one["id"], one["text"]) for one in answer.json()["results"]]


def test_responsible_people_are_found_by_their_names(as_clerk: Client, clerk: User) -> None:
    aygun = colleague(StaffRole.READER, username="a.mammadova")
    aygun.first_name, aygun.last_name = "Aygün", "Məmmədova"
    aygun.email = "aygun@example.org"
    aygun.save()
    left = colleague(StaffRole.READER, username="a.left")
    left.is_active = False
    left.save()
    User.objects.create_user("a.visitor")

    assert people_found(as_clerk, "məmməd") == [
        (str(aygun.pk), "Aygün Məmmədova (a.mammadova)"),
    ]
    assert [text for _key, text in people_found(as_clerk, "a.")] == [
        "Aygün Məmmədova (a.mammadova)"
    ]
    assert clerk.get_username() in str(people_found(as_clerk, ""))


def test_staff_are_named_to_those_who_edit_agreements_alone(client: Client) -> None:
    client.force_login(colleague(StaffRole.READER))

    answer = client.get(reverse("admin:agreements_agreement_people"), {
        "app_label": "agreements", "model_name": "agreement", "field_name": "responsible",
    })  # fmt: skip

    assert answer.status_code == 403


def test_a_person_that_is_none_is_told(as_clerk: Client) -> None:
    agreement = AgreementFactory(draft=True)

    page = as_clerk.post(change(agreement), agreement_form(title="Any", responsible=["x"], edit_token=agreement.edit_token))  # fmt: skip

    assert page.status_code == 200
    assert page.context["adminform"].form.errors["responsible"]


def test_public_page_and_files_never_name_responsible_people(client: Client) -> None:
    agreement = AgreementFactory()
    agreement.responsible.add(User.objects.create_user("aygun.secretova", last_name="Secretova"))

    for path in (
        agreement.get_absolute_url(),
        f"/agreements/{agreement.ref}.json",
        "/agreements.csv",
        "/agreements.json",
        f"/api/v1/agreements/{agreement.ref}/",
    ):
        response = client.get(path)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        assert response.status_code == 200, path
        assert b"ecretova" not in content, path


def test_whoever_has_no_mail_address_is_told(as_clerk: Client, clerk: User) -> None:
    agreement = AgreementFactory()
    follow = reverse("admin:follow_agreement", args=[agreement.pk])
    assert "no e-mail address" in as_clerk.get(PAGE).content.decode()
    assert "you get no e-mails" in as_clerk.post(follow, follow=True).content.decode()

    clerk.email = "clerk@example.org"
    clerk.save()

    assert "no e-mail address" not in as_clerk.get(PAGE).content.decode()
    assert "you get no e-mails" not in as_clerk.post(follow, follow=True).content.decode()

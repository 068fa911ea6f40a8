"""The note that an agreement may already be in the register: after saving, on its page, and while typing."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.domain.facts import EvidenceCode
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement
from tests.admin.sent import agreement_form
from tests.colleagues import colleague
from tests.factories import AgreementFactory, EvidenceFactory, PartyFactory, SourceFactory

pytestmark = pytest.mark.django_db
ADD = reverse("admin:agreements_agreement_add")
LIKENESS = reverse("admin:agreements_agreement_likeness")
DAY = "2022-05-25"


def page_of(agreement: Agreement) -> str:
    return reverse("admin:agreements_agreement_change", args=[agreement.pk])


def pair(**fields: Any) -> tuple[Agreement, Agreement]:
    """A published agreement and a draft with the same parties, both signed on one day unless `fields` says otherwise."""
    parties = PartyFactory.create_batch(2)
    known = AgreementFactory(title="Known", signed=DAY, parties=parties)
    return known, AgreementFactory(
        **{"title": "Draft", "draft": True, "signed": DAY, "parties": parties, **fields}
    )


def asked(client: Client, **given: Any) -> str:
    """Return the response of the script's URL as one line."""
    response = client.get(LIKENESS, given)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def typed_again(known: Agreement, **more: Any) -> dict[str, Any]:
    """Return the form of a new record with the same facts as `known`."""
    rows = [{"party": row.party_id} for row in known.participations.all()]
    return agreement_form(title="Typed again", signed="25 May 2022", participations=rows, **more)


# After saving and on the page


@pytest.mark.parametrize(
    ("signed", "told"),
    [
        (DAY, "was signed on the same day, 25 May 2022"),
        ("2022-05", "may have been signed on the same day (its date is 25 May 2022)"),
        ("2022-05-25~", "may have been signed on the same day (its date is 25 May 2022)"),
    ],
)
def test_page_says_once_how_the_record_is_like_another_and_what_to_do(
    admin_client: Client, signed: str, told: str
) -> None:
    known, draft = pair(signed=signed)

    page = " ".join(admin_client.get(page_of(draft)).content.decode().split())

    assert page.count(f'href="{page_of(known)}"') == 1
    assert f"has the same parties and {told}." in page
    assert page.count("open the other record, add to it, and delete this draft.") == 1
    assert "Perhaps entered twice:" in page


@pytest.mark.parametrize(
    ("signed", "is_told"), [(DAY, True), ("2022-05", False), ("2022-05-26", False)]
)
def test_ministries_and_their_states_are_likened_on_the_very_day(
    admin_client: Client, signed: str, is_told: bool
) -> None:
    states = [PartyFactory(country=code) for code in ("AZ", "PK")]
    ministry = PartyFactory(country="AZ", parent=states[0])
    known = AgreementFactory(title="Known", signed=DAY, parties=states)
    another = AgreementFactory(signed=DAY, parties=[states[0], PartyFactory(country="TR")])

    page = asked(admin_client, party=[ministry.pk, states[1].pk], signed=signed)

    told = f"{known.ref} Known (opens in another tab)</a> is between the same states and was signed"
    assert (told in page) is is_told
    assert another.ref not in page


def test_title_of_another_record_is_shown_as_text(admin_client: Client) -> None:
    known, _draft = pair()
    Agreement.objects.filter(pk=known.pk).update(title="<img src=x onerror=alert(1)>")

    note = asked(
        admin_client, party=[row.party_id for row in known.participations.all()], signed=DAY
    )

    assert "&lt;img src=x" in note
    assert "<img" not in note


def test_same_source_is_told_as_well(admin_client: Client) -> None:
    known, draft = pair()
    EvidenceFactory(agreement=known, source=EvidenceFactory(agreement=draft).source)

    page = " ".join(admin_client.get(page_of(draft)).content.decode().split())

    assert (
        "has the same parties, was signed on the same day, 25 May 2022 and rests on the same source."
        in page
    )


def test_published_record_says_it_once_as_well(admin_client: Client) -> None:
    known, other = pair(draft=False)

    page = admin_client.get(page_of(other)).content.decode()

    assert page.count(f'href="{page_of(known)}"') == 1
    assert "<strong>Perhaps entered twice:</strong>" in page


@pytest.mark.parametrize(
    "button", [{"step": "submit"}, {"_continue": "1"}, {"_save": "1"}, {"step": "publish"}]
)
def test_saving_for_the_first_time_says_it_once(
    admin_client: Client, button: dict[str, str]
) -> None:
    known, draft = pair()
    draft.delete()
    source = {"source": SourceFactory().pk}

    page = admin_client.post(ADD, typed_again(known, **source, **button), follow=True)

    new = Agreement.objects.get(title="Typed again")
    told = " ".join(page.content.decode().split())
    assert told.count("was signed on the same day") == 1
    if "_save" in button:
        [message] = [str(each) for each in page.context["messages"] if "twice" in str(each)]
        assert message.startswith(f"{new.ref}: Perhaps entered twice: <a href=")


@pytest.mark.parametrize("button", [{"step": "submit"}, {"_continue": "1"}])
def test_what_the_next_page_says_by_itself_is_no_message(
    admin_client: Client, button: dict[str, str]
) -> None:
    known, _draft = pair()

    response = admin_client.post(ADD, typed_again(known, **button))

    messages = [str(message) for message in get_messages(response.wsgi_request)]
    assert not [message for message in messages if "entered twice" in message]


# While it is typed


def test_likeness_is_told_of_what_is_given_so_far(admin_client: Client) -> None:
    known, draft = pair()
    draft.delete()
    source = SourceFactory()
    for fact in EvidenceCode:
        EvidenceFactory(agreement=known, source=source, fact=fact)
    parties = [row.party_id for row in known.participations.all()]

    for given, told in (
        ({"party": parties}, "has the same parties and is dated 25 May 2022."),
        ({"source": source.pk}, "is dated 25 May 2022 and rests on the same source."),
        (
            {"party": parties, "signed": "25 May 2022"},
            "has the same parties and was signed on the same day, 25 May 2022.",
        ),
        ({"source": source.pk, "signed": "25.5.2022"}, "was signed on the same day, 25 May 2022"),
        ({"party": parties, "signed": "no date y"}, "has the same parties and is dated"),
    ):
        said = asked(admin_client, **given)
        assert told in said
        assert f'href="{page_of(known)}"' in said
        assert "do not enter it again: open the other record and add to it." in said


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"signed": DAY},
        {"party": "1"},
        {"party": ["x", "9" * 30, "-1"], "source": "y", "signed": DAY, "of": "z"},
        {"party": ["100001", "100002"], "source": "100003"},
    ],
)
def test_little_or_nonsense_is_like_nothing(admin_client: Client, given: dict[str, Any]) -> None:
    pair()

    assert asked(admin_client, **given) == ""


def test_same_title_of_the_same_date_is_told_while_it_is_typed(admin_client: Client) -> None:
    known, _draft = pair()
    party = PartyFactory().pk

    said = asked(admin_client, title=" known ", signed="25 May 2022", party=party)

    assert f'href="{page_of(known)}"' in said
    assert "has the same title" in said
    assert asked(admin_client, title="Known", signed="26 May 2022") == ""
    assert asked(admin_client, title="Another", signed="25 May 2022") == ""


def test_another_day_is_no_likeness(admin_client: Client) -> None:
    known, _draft = pair()
    parties = [row.party_id for row in known.participations.all()]

    assert asked(admin_client, party=parties, signed="26 May 2022") == ""


def test_record_is_not_like_itself(admin_client: Client) -> None:
    known, draft = pair()
    parties = [row.party_id for row in known.participations.all()]

    said = asked(admin_client, party=parties, signed=DAY, of=draft.pk)

    assert page_of(known) in said
    assert page_of(draft) not in said
    assert "delete this draft" in said


def test_parties_that_agree_often_are_no_sign_until_the_day_is_known(admin_client: Client) -> None:
    parties = PartyFactory.create_batch(2)
    for year in range(2018, 2022):
        AgreementFactory(signed=str(year), parties=parties)
    keys = [party.pk for party in parties]

    assert asked(admin_client, party=keys) == ""
    assert asked(admin_client, party=keys, signed="May 2019").count("<li>") == 1


def test_likeness_is_for_who_may_see_agreements(client: Client, django_user_model: Any) -> None:
    assert client.get(LIKENESS).status_code == 302
    client.force_login(django_user_model.objects.create_user("newcomer", is_staff=True))
    assert client.get(LIKENESS).status_code == 403
    client.force_login(colleague(StaffRole.READER))
    assert client.get(LIKENESS).status_code == 200
    assert client.post(LIKENESS).status_code == 405


def test_likeness_costs_the_same_for_many_twins(admin_client: Client) -> None:
    known, _draft = pair()
    parties = [row.party for row in known.participations.all()]
    given = {"party": [party.pk for party in parties], "signed": DAY}

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            asked(admin_client, **given)
        return len([query for query in captured if "agreements_agreement" in query["sql"]])

    with_two = queries()
    AgreementFactory.create_batch(6, signed=DAY, parties=parties)

    assert queries() == with_two <= 2


def test_record_that_a_new_one_was_begun_from_is_not_named(admin_client: Client) -> None:
    known, other = pair(draft=False)
    begun = f"{ADD}?from={known.ref}&with=source"
    given = {"party": [row.party_id for row in known.participations.all()], "signed": DAY}

    pages = [admin_client.get(begun), admin_client.post(begun, agreement_form(title=""))]
    note = asked(admin_client, **given, origin=known.pk)

    assert all(f'data-origin="{known.pk}"' in page.content.decode() for page in pages)
    assert known.ref not in note
    assert other.ref in note

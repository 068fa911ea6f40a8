"""Merging parties in the admin: finding, comparing, merging or keeping apart, undoing, and who may do so."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.curation.duplicate_parties import refresh_country
from agreements.curation.merging.merges import merge
from agreements.domain.permissions import StaffRole
from agreements.models import LikelyDuplicate, Party, PartyMerge
from tests.admin.test_parties import party_form
from tests.colleagues import colleague
from tests.curation.merging.registers import contents, two_parties
from tests.factories import AgreementFactory, PartyFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:agreements_party_changelist")
MERGE = reverse("admin:agreements_party_merge")
MERGES = reverse("admin:agreements_partymerge_changelist")
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(colleague(StaffRole.ADMINISTRATOR))
    return client


def asked(kept: Party, other: Party, **more: Any) -> dict[str, Any]:
    return {"kept": kept.pk, "other": other.pk, **more}


def undo_url(merged: PartyMerge) -> str:
    return reverse("admin:agreements_partymerge_undo", args=[merged.pk])


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


# ------------------------------------------------------------------ starting a merge


def test_two_chosen_parties_lead_to_the_preview(administrator: Client) -> None:
    one, two = PartyFactory(), PartyFactory()

    response = administrator.post(
        LIST, {"action": "merge_chosen", "_selected_action": [one.pk, two.pk]}
    )

    assert response.headers["Location"] == f"{MERGE}?kept={one.pk}&other={two.pk}"


@pytest.mark.parametrize("number", [1, 3])
def test_one_or_three_are_not_merged(administrator: Client, number: int) -> None:
    chosen = [party.pk for party in PartyFactory.create_batch(number)]

    response = administrator.post(LIST, {"action": "merge_chosen", "_selected_action": chosen})

    assert said(response) == ["Select exactly two parties to merge."]


def test_party_is_merged_into_another_that_is_chosen_by_its_name(administrator: Client) -> None:
    party, other = PartyFactory(name="Labor Ministry"), PartyFactory()
    page = administrator.get(reverse("admin:agreements_party_change", args=[party.pk]))
    into = reverse("admin:agreements_party_merge_into", args=[party.pk])
    assert f'href="{into}"' in page.content.decode()

    assert "Merge “Labor Ministry” into" in administrator.get(into).content.decode()
    response = administrator.get(into, {"kept": other.pk})

    assert response.headers["Location"] == f"{MERGE}?kept={other.pk}&other={party.pk}"


@pytest.mark.parametrize("kept", ["", "0", "x", "9" * 30])
def test_choice_that_is_none_is_told(administrator: Client, kept: str) -> None:
    into = reverse("admin:agreements_party_merge_into", args=[PartyFactory().pk])

    page = administrator.get(into, {"kept": kept})

    assert page.context["form"].errors["kept"]


def test_preview_shows_what_happens_and_writes_nothing(administrator: Client) -> None:
    kept, other, _body, _alone, shared = two_parties()
    before = contents()

    page = administrator.get(MERGE, asked(kept, other)).content.decode()

    assert "participations (3), signatories (1)" in page
    assert "“Labor Ministry” becomes another name" in page
    assert "/parties/labor-ministry/ will redirect to it." in page
    assert "It has no “website”, so it takes “https://lm.example”." in page
    assert "In 1 agreement both are entered in the same role." in page
    assert reverse("admin:agreements_agreement_change", args=[shared.pk]) in page
    assert f'href="{MERGE}?kept={other.pk}&amp;other={kept.pk}"' in page
    assert contents() == before


def test_preview_is_drawn_at_a_fixed_cost(administrator: Client) -> None:
    kept, other, *_rest = two_parties()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            administrator.get(MERGE, asked(kept, other))
        return len(captured)

    few = queries()
    AgreementFactory.create_batch(25, parties=[kept, other, PartyFactory()])

    assert queries() == few


def test_merge_is_made_with_what_was_chosen(administrator: Client) -> None:
    kept = PartyFactory(website="https://kept.example", kind="agency")
    other = PartyFactory(name="Labor", website="https://other.example", kind="ministry")
    why = "One letterhead."

    response = administrator.post(
        MERGE, asked(kept, other, website="other", kind="kept", why=why), follow=True
    )

    kept.refresh_from_db()
    assert (kept.website, kept.kind) == ("https://other.example", "agency")
    merged = PartyMerge.objects.get()
    assert (merged.by, merged.why) == (User.objects.get(username="administrator"), why)
    page = response.content.decode()
    assert response.redirect_chain[-1][0] == reverse(
        "admin:agreements_party_change", args=[kept.pk]
    )
    assert f'href="{undo_url(merged)}"' in page
    assert "“Labor” was merged into it on" in page


@pytest.mark.parametrize("draft", [True, False])
def test_merge_that_changes_published_records_wants_a_reason(
    administrator: Client, draft: bool
) -> None:
    kept, other = PartyFactory(), PartyFactory(name="Labor Ministry")
    AgreementFactory(parties=[other, PartyFactory()], draft=draft)

    page = administrator.post(MERGE, asked(kept, other))

    assert Party.objects.filter(pk=other.pk).exists() is not draft
    if not draft:
        assert "Published records name “Labor Ministry”. Say how we know" in page.content.decode()
        administrator.post(MERGE, asked(kept, other, why="One letterhead."))
        assert not Party.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize(
    "sent", [{"website": "nobody's"}, {"why": "x" * 501}, {}], ids=["choice", "reason", "nothing"]
)
def test_what_was_not_understood_is_told_and_nothing_is_merged(
    administrator: Client, sent: dict[str, str]
) -> None:
    kept, other = (
        PartyFactory(website="https://a.example"),
        PartyFactory(website="https://b.example"),
    )

    page = administrator.post(MERGE, asked(kept, other, **{"why": "Letterhead", **sent}))

    assert page.context["form"].errors
    assert Party.objects.count() == 2
    if "why" not in sent:
        assert "Letterhead" in page.content.decode()


def test_refusal_is_a_sentence_on_the_page(administrator: Client) -> None:
    kept = PartyFactory(name="Upper")
    other = PartyFactory(name="Lower", parent=kept)

    for response in (
        administrator.get(MERGE, asked(kept, other)),
        administrator.post(MERGE, asked(kept, other)),
    ):
        assert "“Lower” is part of “Upper”" in response.content.decode()
    assert Party.objects.count() == 2


def test_party_with_itself_is_refused(administrator: Client) -> None:
    party = PartyFactory()

    assert "with itself" in administrator.get(MERGE, asked(party, party)).content.decode()


@pytest.mark.parametrize(
    "query", [{}, {"kept": "1"}, {"kept": "x", "other": "y"}, {"kept": "9" * 40, "other": "²"}]
)
def test_parties_that_are_not_there_lead_back_to_the_list(
    administrator: Client, query: dict[str, str]
) -> None:
    for response in (administrator.get(MERGE, query), administrator.post(MERGE, query)):
        assert response.headers["Location"] == LIST


def test_second_press_of_the_button_is_told(administrator: Client) -> None:
    kept, other = PartyFactory(), PartyFactory()
    administrator.post(MERGE, asked(kept, other))

    response = administrator.post(MERGE, asked(kept, other))

    assert response.headers["Location"] == LIST
    assert PartyMerge.objects.count() == 1


def test_names_are_shown_as_text(administrator: Client) -> None:
    kept, other = (
        PartyFactory(name="<script>1</script>"),
        PartyFactory(name="<b>2</b>", short_name="<i>"),
    )

    page = administrator.get(MERGE, asked(kept, other)).content.decode()
    assert "<script>1" not in page
    page = administrator.post(MERGE, asked(kept, other), follow=True).content.decode()
    assert "<b>2" not in page


# ------------------------------------------------------------------ permissions


@pytest.mark.parametrize("role", [StaffRole.READER, StaffRole.EDITOR, StaffRole.PUBLISHER])
def test_merging_is_for_administrators(client: Client, role: StaffRole) -> None:
    client.force_login(colleague(role))
    kept, other = PartyFactory(), PartyFactory()
    merged = merge(PartyFactory(), PartyFactory(), by=None, at=AT)
    into = reverse("admin:agreements_party_merge_into", args=[kept.pk])

    refused = [
        client.get(MERGE, asked(kept, other)),
        client.post(MERGE, asked(kept, other)),
        client.get(into),
        client.get(undo_url(merged)),
        client.post(undo_url(merged)),
    ]

    assert [response.status_code for response in refused] == [403] * 5
    assert PartyMerge.objects.get().undone_at is None
    page = client.get(reverse("admin:agreements_party_change", args=[kept.pk])).content.decode()
    assert into not in page
    assert "merge_chosen" not in client.get(LIST).content.decode()


@pytest.mark.parametrize("role", StaffRole)
def test_every_role_sees_the_merges_that_were_made(client: Client, role: StaffRole) -> None:
    client.force_login(colleague(role))
    merged = merge(PartyFactory(name="Kept"), PartyFactory(name="Gone"), by=None, at=AT)

    page = client.get(reverse("admin:agreements_partymerge_change", args=[merged.pk]))

    assert "Gone" in client.get(MERGES).content.decode()
    assert "Gone" in page.content.decode()
    assert (undo_url(merged) in page.content.decode()) is (role == StaffRole.ADMINISTRATOR)


def test_who_sees_no_parties_sees_no_merges(client: Client) -> None:
    client.force_login(User.objects.create_user("newcomer", is_staff=True))

    assert client.get(MERGES).status_code == 403


# ------------------------------------------------------------------ possible duplicates


@pytest.fixture
def alike() -> tuple[Party, Party]:
    one, other = (PartyFactory(name=name) for name in ("Ministry of Labour", "Ministry of Labor"))
    PartyFactory(name="Ministry of Health")
    refresh_country("")
    return one, other


def test_list_shows_possible_duplicates_with_a_way_to_merge(
    administrator: Client, alike: tuple[Party, Party]
) -> None:
    one, other = alike

    page = administrator.get(LIST, {"duplicates": "yes"})

    assert {row.pk for row in page.context["cl"].result_list} == {one.pk, other.pk}
    assert f'href="{MERGE}?kept={one.pk}&amp;other={other.pk}"' in page.content.decode()
    assert "may be the same as" not in administrator.get(LIST).content.decode().lower()


def test_list_of_possible_duplicates_costs_the_same_for_many(administrator: Client) -> None:
    def queries() -> int:
        refresh_country("")
        with CaptureQueriesContext(connection) as captured:
            administrator.get(LIST, {"duplicates": "yes"})
        return len(captured)

    PartyFactory.create_batch(2, name="Ministry of Labour")
    few = queries()
    PartyFactory.create_batch(8, name="Ministry of Health")

    assert queries() == few


def test_different_bodies_are_not_suggested_again(
    administrator: Client, alike: tuple[Party, Party]
) -> None:
    one, other = alike

    response = administrator.post(MERGE, asked(one, other, different="1"))

    assert response.headers["Location"] == f"{LIST}?duplicates=yes"
    assert LikelyDuplicate.objects.get().is_dismissed
    assert not administrator.get(LIST, {"duplicates": "yes"}).context["cl"].result_list
    assert Party.objects.count() == 3


def test_party_page_names_those_of_like_names(
    administrator: Client, alike: tuple[Party, Party]
) -> None:
    one, other = alike

    page = administrator.get(
        reverse("admin:agreements_party_change", args=[one.pk])
    ).content.decode()

    assert "Its name is similar to this one:" in page
    assert f'href="{MERGE}?kept={one.pk}&amp;other={other.pk}"' in page


def test_clerk_who_enters_a_party_twice_is_warned_and_not_stopped(client: Client) -> None:
    client.force_login(colleague(StaffRole.EDITOR))
    PartyFactory(name="MINISTRY OF LABOUR", country="AZ")

    response = client.post(reverse("admin:agreements_party_add"), party_form(country="AZ"))

    assert Party.objects.count() == 2
    [warning] = [text for text in said(response) if "another party" in text]
    assert "“Ministry of Labour”: MINISTRY OF LABOUR (Azerbaijan)" in warning
    assert "ask an administrator to merge them" in warning
    assert LikelyDuplicate.objects.get().likeness == 100


def test_clerk_who_enters_a_namesake_of_another_country_is_not_warned(
    administrator: Client,
) -> None:
    PartyFactory(name="Ministry of Labour", country="UZ")

    response = administrator.post(reverse("admin:agreements_party_add"), party_form(country="AZ"))

    assert not [text for text in said(response) if "another party" in text]


def test_party_saved_again_under_its_name_is_not_warned_of(administrator: Client) -> None:
    one, _other = PartyFactory.create_batch(2, name="Ministry of Labour")

    response = administrator.post(
        reverse("admin:agreements_party_change", args=[one.pk]),
        party_form(slug=one.slug, short_name="MoL"),
    )

    assert not [text for text in said(response) if "another party" in text]


# ------------------------------------------------------------------ undoing


def test_merge_is_undone(administrator: Client) -> None:
    kept, other, *_rest = two_parties()
    before = contents()
    merged = merge(kept, other, by=None, at=AT)
    assert "11 rows will go back" in administrator.get(undo_url(merged)).content.decode()

    response = administrator.post(undo_url(merged), follow=True)

    assert contents() == before
    assert "“Labor Ministry” was restored." in response.content.decode()
    assert response.redirect_chain[-1][0] == reverse(
        "admin:agreements_party_change", args=[other.pk]
    )
    assert "already been undone" in administrator.get(undo_url(merged)).content.decode()


def test_what_prevents_an_undo_is_told(administrator: Client) -> None:
    kept, other, *_rest = two_parties()
    merged = merge(kept, other, by=None, at=AT)
    PartyFactory(slug="labor-ministry", name="Newcomer")

    for response in (administrator.get(undo_url(merged)), administrator.post(undo_url(merged))):
        assert "“Newcomer” now has its slug" in response.content.decode()
    assert not Party.objects.filter(pk=other.pk).exists()


def test_merge_that_is_not_there_leads_back(administrator: Client) -> None:
    missing = reverse("admin:agreements_partymerge_undo", args=[999])

    assert administrator.get(missing).status_code == 302


def test_merges_are_listed_and_looked_at(administrator: Client) -> None:
    kept, other, *_rest = two_parties()
    merged = merge(kept, other, by=None, at=AT)

    rows = administrator.get(MERGES).context["cl"].result_list
    assert [(row.other_name, row.row_count) for row in rows] == [("Labor Ministry", 11)]
    page = administrator.get(reverse("admin:agreements_partymerge_change", args=[merged.pk]))
    assert f'href="{undo_url(merged)}"' in page.content.decode()


def test_list_of_merges_costs_the_same_for_many(administrator: Client) -> None:
    def queries() -> int:
        merge(PartyFactory(), PartyFactory(), by=None, at=AT)
        with CaptureQueriesContext(connection) as captured:
            administrator.get(MERGES)
        return len(captured)

    assert queries() == queries()

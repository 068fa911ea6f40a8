"""The history of a record as staff read it, and how they restore a version or a deleted record."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.curation.history.past import entries_of
from agreements.curation.history.recording import recorded
from agreements.curation.merging.merges import merge, undo
from agreements.domain.choices import Publication
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Change, Party, Removal
from tests.colleagues import colleague
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    EventFactory,
    EvidenceFactory,
    PartyFactory,
    PartyNameFactory,
    RelationFactory,
    SourceFactory,
)
from tests.forms import filled_in

pytestmark = pytest.mark.django_db


def url(record: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:agreements_{record._meta.model_name}_{page}", args=args)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def publisher(client: Client) -> Client:
    client.force_login(colleague(StaffRole.PUBLISHER, username="publisher"))
    return client


@pytest.fixture
def editor() -> Client:
    client = Client()
    client.force_login(colleague(StaffRole.EDITOR, username="editor"))
    return client


@pytest.fixture
def agreement() -> Agreement:
    """A draft with two versions, the second by Leyla."""
    leyla = User.objects.create_user("leyla", first_name="Leyla", last_name="Aliyeva")
    with recorded():
        made: Agreement = AgreementFactory(draft=True, title="First title", signed="2023-08")
    with recorded(by=leyla, why="The article says so"):
        made.title, made.kind = "Second <b>title</b>", "treaty"
        made.save()
        EventFactory(agreement=made, note="Talks")
    return made


def versions(record: Any) -> list[int]:
    return [entry.key for entry in entries_of(type(record), record.pk)]


def test_history_says_who_when_why_and_what(publisher: Client, agreement: Agreement) -> None:
    page = text(publisher.get(url(agreement, "history", agreement.pk)))

    assert "Leyla Aliyeva" in page
    assert "The article says so" in page
    assert '<del dir="auto">First title</del>' in page
    assert '<ins dir="auto">Second &lt;b&gt;title&lt;/b&gt;</ins>' in page
    assert "Memorandum of understanding" in page
    assert "Treaty" in page
    assert "Event <strong" in page
    assert "The first version kept." in page


def test_history_is_reached_from_the_page(publisher: Client, agreement: Agreement) -> None:
    page = text(publisher.get(url(agreement, "change", agreement.pk)))

    assert f'href="{url(agreement, "history", agreement.pk)}"' in page


def test_every_entry_leads_to_its_version_by_words(publisher: Client, agreement: Agreement) -> None:
    page = text(publisher.get(url(agreement, "history", agreement.pk)))

    for key in versions(agreement):
        address = url(agreement, "version", agreement.pk, key)
        assert f'<a href="{address}">Show this version of ' in page


@pytest.mark.parametrize("model", ["agreement", "party"])
def test_list_leads_to_what_was_deleted(publisher: Client, model: str) -> None:
    page = text(publisher.get(reverse(f"admin:agreements_{model}_changelist")))

    assert f'<a href="{reverse(f"admin:agreements_{model}_deleted")}">Deleted</a>' in page


def test_record_without_versions_says_so(publisher: Client) -> None:
    page = text(publisher.get(url(Agreement, "history", AgreementFactory().pk)))

    assert "No versions yet" in page


def test_long_history_is_paged_and_costs_the_same(
    publisher: Client, agreement: Agreement, django_assert_max_num_queries: Any
) -> None:
    for number in range(25):
        with recorded(why=str(number)):
            agreement.place = f"Place {number}"
            agreement.save()

    with django_assert_max_num_queries(14):
        first = publisher.get(url(agreement, "history", agreement.pk))
    second = publisher.get(url(agreement, "history", agreement.pk), {"p": 2})

    assert [len(response.context["entries"]) for response in (first, second)] == [20, 7]
    assert second.context["entries"][-1].changes is None
    assert "Older" in text(first)


def test_history_of_a_row_is_that_of_its_agreement(publisher: Client, agreement: Agreement) -> None:
    event = agreement.events.get()

    response = publisher.get(url(event, "history", event.pk))

    assert response["Location"] == url(agreement, "history", agreement.pk)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_any_two_versions_are_compared(
    publisher: Client, agreement: Agreement, order: tuple[int, int]
) -> None:
    keys = versions(agreement)

    page = text(
        publisher.get(
            url(agreement, "compare", agreement.pk), {"from": keys[order[0]], "to": keys[order[1]]}
        )
    )

    assert '<del dir="auto">First title</del>' in page


@pytest.mark.parametrize("wrong", ["", "x", "999999", "-1", "9" * 30, "²"])
def test_versions_that_are_not_there_are_not_found(
    publisher: Client, agreement: Agreement, wrong: str
) -> None:
    address = url(agreement, "compare", agreement.pk)

    response = publisher.get(address, {"from": wrong, "to": versions(agreement)[0]})

    assert response.status_code == 404


def test_a_version_of_another_record_is_not_found(publisher: Client, agreement: Agreement) -> None:
    with recorded():
        other = AgreementFactory()

    address = url(agreement, "version", agreement.pk, versions(other)[0])

    assert publisher.get(address).status_code == 404


def test_a_version_shows_all_that_it_says_and_what_restoring_changes(
    publisher: Client, agreement: Agreement
) -> None:
    page = text(publisher.get(url(agreement, "version", agreement.pk, versions(agreement)[-1])))

    assert "August 2023" in page
    assert "Restore this version" in page
    assert '<ins dir="auto">First title</ins>' in page
    assert "Removed:" in page


def test_the_present_version_offers_nothing_to_restore(
    publisher: Client, agreement: Agreement
) -> None:
    page = text(publisher.get(url(agreement, "version", agreement.pk, versions(agreement)[0])))

    assert "the record is the same now" in page
    assert "Restore this version" not in page


def test_what_restoring_leaves_alone_is_not_announced(publisher: Client) -> None:
    with recorded():
        agreement = AgreementFactory(draft=True)
    with recorded():
        agreement.publication = Publication.PUBLISHED
        agreement.save()

    page = text(publisher.get(url(agreement, "version", agreement.pk, versions(agreement)[-1])))

    assert "the record is the same now" in page


def restored(client: Client, address: str, **given: str) -> Any:
    return client.post(address, filled_in(client.get(address), "why") | given)


def test_a_version_is_restored_with_a_reason(publisher: Client, agreement: Agreement) -> None:
    address = url(agreement, "version", agreement.pk, versions(agreement)[-1])

    response = restored(publisher, address, why="The article was wrong")

    assert response["Location"] == url(agreement, "change", agreement.pk)
    stored = Agreement.objects.get()
    assert (stored.title, stored.kind, stored.events.count()) == ("First title", "mou", 0)
    latest = entries_of(Agreement, agreement.pk)[0]
    assert (latest.by.username, latest.why) == ("publisher", "The article was wrong")


def test_restoring_over_a_newer_version_is_refused(publisher: Client, agreement: Agreement) -> None:
    address = url(agreement, "version", agreement.pk, versions(agreement)[-1])
    form = filled_in(publisher.get(address), "why")
    with recorded():
        agreement.title = "Third title"
        agreement.save()

    response = publisher.post(address, form | {"why": "My reason"})

    page = text(response)
    assert response.status_code == 409
    assert "Somebody has since changed it" in page
    assert "Third title" in page
    assert "My reason" in page
    assert Agreement.objects.get().title == "Third title"


def test_a_published_record_is_restored_with_a_reason_only(publisher: Client) -> None:
    with recorded():
        agreement = AgreementFactory(title="Before")
    with recorded():
        agreement.title = "After"
        agreement.save()
    Change.objects.all().delete()
    address = url(agreement, "version", agreement.pk, versions(agreement)[-1])

    refused = restored(publisher, address)
    assert "Say why you are restoring this version" in text(refused)
    assert Agreement.objects.get().title == "After"
    restored(publisher, address, why="It was right")

    assert Agreement.objects.get().title == "Before"
    assert Change.objects.get().facts == ["title"]


def test_what_stands_in_the_way_is_said_and_nothing_written(publisher: Client) -> None:
    party = PartyFactory(name="Ministry of Labour")
    with recorded():
        agreement = AgreementFactory(draft=True, parties=[party])
    with recorded():
        agreement.participations.all().delete()
        party.delete()
    address = url(agreement, "version", agreement.pk, versions(agreement)[-1])

    response = restored(publisher, address, why="Kept")

    page = text(response)
    assert response.status_code == 409
    assert "“Ministry of Labour” no longer exists. Restore it first" in page
    assert "Kept" in page
    assert not agreement.participations.exists()


@pytest.mark.parametrize("publication", [Publication.PUBLISHED, Publication.IN_REVIEW])
def test_editors_restore_nothing_that_they_may_not_change(
    editor: Client, agreement: Agreement, publication: Publication
) -> None:
    key = versions(agreement)[-1]
    with recorded():
        agreement.publication = publication
        agreement.save()
    address = url(agreement, "version", agreement.pk, key)

    page = editor.get(address)
    token = Agreement.objects.get().edit_token
    response = editor.post(address, {"edit_token": token, "why": "Forged"})

    assert "Restore this version" not in text(page)
    assert response.status_code == 403
    assert Agreement.objects.get().title != "First title"


def test_readers_see_the_history_and_change_nothing(client: Client, agreement: Agreement) -> None:
    client.force_login(colleague(StaffRole.READER))
    address = url(agreement, "version", agreement.pk, versions(agreement)[-1])

    assert client.get(url(agreement, "history", agreement.pk)).status_code == 200
    assert "Restore this version" not in text(client.get(address))
    assert client.post(address, {"edit_token": agreement.edit_token}).status_code == 403


def test_nobody_outside_sees_any_of_it(client: Client, agreement: Agreement) -> None:
    pages = [
        url(agreement, "history", agreement.pk),
        url(agreement, "compare", agreement.pk),
        url(agreement, "version", agreement.pk, versions(agreement)[0]),
        url(agreement, "deleted"),
        url(agreement, "deleted_one", 1),
    ]

    answers = {client.get(page).status_code for page in pages}
    client.force_login(User.objects.create_user("stranger"))
    answers |= {client.get(page).status_code for page in pages}

    assert answers == {302}


# Deleted records


def removed(record: Any) -> Removal:
    with recorded(by=User.objects.create_user("remover"), why="Entered twice"):
        record.delete()
    return Removal.objects.get()


@pytest.mark.parametrize("factory", [AgreementFactory, PartyFactory, SourceFactory, AreaFactory])
def test_deleted_records_are_listed_and_brought_back(admin_client: Client, factory: Any) -> None:
    record = factory()
    key, name = record.pk, str(record)
    removal = removed(record)

    listed = text(admin_client.get(url(record, "deleted")))
    response = restored(
        admin_client, url(record, "deleted_one", removal.pk), why="It was another one"
    )

    assert name in listed
    assert "remover" in listed
    assert "Entered twice" in listed
    assert response["Location"] == url(record, "change", key)
    assert str(type(record).objects.get(pk=key)) == name
    assert "There are no deleted records." in text(admin_client.get(url(record, "deleted")))
    history = text(admin_client.get(url(record, "history", key)))
    assert "It was another one" in history
    assert "and restored later" in history


def test_a_deleted_record_is_shown_with_its_rows(publisher: Client) -> None:
    party = PartyFactory(name="Ministry of Labour")
    PartyNameFactory(party=party, name="Labour Ministry")
    removal = removed(party)

    page = text(publisher.get(url(party, "deleted_one", removal.pk)))

    assert "Labour Ministry" in page


def test_a_record_that_was_public_is_restored_by_publishers_with_a_reason(
    publisher: Client, editor: Client
) -> None:
    agreement = AgreementFactory()
    removal = removed(agreement)
    address = url(agreement, "deleted_one", removal.pk)

    assert "You cannot restore it" in text(editor.get(address))
    assert editor.post(address, {"why": "Forged"}).status_code == 403
    refused = restored(publisher, address)
    assert refused.status_code == 409
    assert "Say why you are restoring it" in text(refused)
    restored(publisher, address, why="Deleted by mistake")

    assert Agreement.objects.get().publication == Publication.PUBLISHED


def test_what_other_records_said_of_it_is_shown_and_comes_back_with_a_reason(
    publisher: Client, editor: Client
) -> None:
    with recorded():
        draft = AgreementFactory(draft=True)
        relation = RelationFactory(agreement=AgreementFactory(), target=draft)
    said, other = str(relation), relation.agreement
    removal = removed(draft)
    address = url(draft, "deleted_one", removal.pk)

    page = text(editor.get(address))
    assert said in page
    assert f"will not come back. {other.ref} is published" in page
    assert "does not bring its followers back" in page
    assert "will come back." in text(publisher.get(address))
    refused = restored(publisher, address)
    assert refused.status_code == 409
    assert "Published records will show their relation to it again" in text(refused)
    restored(publisher, address, why="Deleted by mistake")

    assert str(other.relations_out.get()) == said
    assert entries_of(Agreement, other.pk)[0].why == "Deleted by mistake"


def test_restoring_twice_is_refused(publisher: Client) -> None:
    party = PartyFactory()
    removal = removed(party)
    address = url(party, "deleted_one", removal.pk)
    form = filled_in(publisher.get(address), "why")

    first, second = publisher.post(address, form), publisher.post(address, form)

    assert (first.status_code, second.status_code) == (302, 404)
    assert Party.objects.count() == 1


def test_a_slug_taken_meanwhile_is_said(publisher: Client) -> None:
    party = PartyFactory(slug="labour")
    removal = removed(party)
    PartyFactory(slug="labour", name="Another ministry")

    response = restored(publisher, url(party, "deleted_one", removal.pk))

    assert "“labour” is now used by “Another ministry”" in text(response)


def test_a_record_that_is_there_is_not_overwritten_by_what_was_deleted(
    publisher: Client, editor: Client
) -> None:
    """This holds however the record came back, even if that was not noted with its removal."""
    with recorded():
        party = PartyFactory(name="Labor Ministry")
        AgreementFactory(parties=[party, PartyFactory()])
    merged = merge(PartyFactory(), party, by=None, at=timezone.now())
    removal = Removal.objects.get()
    undo(merged, by=None, at=timezone.now())
    Removal.objects.update(restored_at=None)
    Party.objects.filter(pk=party.pk).update(name="Corrected")
    address = url(party, "deleted_one", removal.pk)

    assert "There are no deleted records." in text(editor.get(url(party, "deleted")))
    assert "Restore this version" not in text(editor.get(address))
    response = editor.post(address, {"why": "Forged"})

    assert response.status_code == 409
    assert "It is in the register again" in text(response)
    assert Party.objects.get(pk=party.pk).name == "Corrected"


def test_a_party_that_was_merged_away_is_not_restored(editor: Client) -> None:
    kept, other = PartyFactory(name="Ministry of Labour"), PartyFactory(slug="labor")
    AgreementFactory(parties=[other, PartyFactory()])
    merge(kept, other, by=None, at=timezone.now())
    address = url(Party, "deleted_one", Removal.objects.get().pk)
    guest = Client()

    assert "There are no deleted records." in text(editor.get(url(Party, "deleted")))
    assert "Undo that merge" in text(editor.get(address))
    assert "Restore this version" not in text(editor.get(address))
    assert editor.post(address, {"why": "Forged"}).status_code == 409
    assert guest.get("/parties/labor/").status_code == 301


def test_an_address_that_leads_on_is_not_taken_by_restoring_another(
    publisher: Client, editor: Client
) -> None:
    """A draft's party was deleted; another party then had its slug, but has since changed it."""
    first = PartyFactory(slug="labour")
    removal = removed(first)
    public = PartyFactory(name="Ministry of Work", slug="labour")
    AgreementFactory(parties=[public, PartyFactory()])
    public.slug = "work"
    public.save()
    address = url(first, "deleted_one", removal.pk)

    response = restored(editor, address, why="Kept")

    assert response.status_code == 409
    assert "“labour” is a former slug of “Ministry of Work”" in text(response)
    assert not Party.objects.filter(slug="labour").exists()
    assert restored(publisher, address).status_code == 302


def test_many_deleted_records_cost_as_many_queries_as_one(
    publisher: Client, django_assert_max_num_queries: Any
) -> None:
    user = User.objects.create_user("remover")
    parties = PartyFactory.create_batch(30)
    with recorded(by=user):
        for party in parties:
            party.delete()

    with django_assert_max_num_queries(10):
        page = text(publisher.get(url(Party, "deleted")))

    assert page.count("remover") == 30


def test_deleting_by_the_admin_keeps_who_and_why(publisher: Client) -> None:
    agreement = AgreementFactory()
    EvidenceFactory(agreement=agreement)
    CommitmentFactory(agreement=agreement)
    address = url(agreement, "delete", agreement.pk)

    publisher.post(address, filled_in(publisher.get(address), "post") | {"why": "Not one of ours"})

    removal = Removal.objects.get()
    assert (removal.by.username, removal.why) == ("publisher", "Not one of ours")
    assert removal.name == str(agreement)

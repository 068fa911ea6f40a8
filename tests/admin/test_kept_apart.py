"""Two papers of one day: the button that keeps two agreements, or two bodies, apart, and what then no longer warns."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.curation.duplicate_agreements import duplicates_of, subject_of
from agreements.curation.duplicate_parties import refresh_country
from agreements.curation.history.past import entries_of
from agreements.curation.kept_apart import KeptApartError, join_again, keep_apart
from agreements.curation.merging.merges import merge
from agreements.curation.quality_checks import findings_of
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, LikelyDuplicate, Party
from tests.colleagues import colleague
from tests.factories import AgreementFactory, PartyFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:agreements_agreement_changelist")


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(colleague(StaffRole.EDITOR))
    return client


@pytest.fixture
def pair() -> tuple[Agreement, Agreement]:
    parties = PartyFactory.create_batch(2)
    published = AgreementFactory(signed="2022-05-25", parties=parties)
    return AgreementFactory(signed="2022-05-25", parties=parties, draft=True), published


def page_of(agreement: Agreement) -> str:
    return reverse("admin:agreements_agreement_change", args=[agreement.pk])


def apart_of(record: Agreement | Party) -> str:
    return reverse(f"admin:agreements_{record._meta.model_name}_apart", args=[record.pk])


def warned(agreement: Agreement) -> bool:
    agreement.refresh_from_db()
    found = duplicates_of(subject_of(agreement, agreement.participations.all()))
    codes = [finding.code for finding in findings_of(agreement)]
    assert bool(found) == ("likely_duplicate" in codes)
    return bool(found)


def test_the_button_silences_both_and_counts_nowhere_until_taken_back(
    editor: Client, pair: tuple[Agreement, Agreement]
) -> None:
    draft, other = pair
    other.refresh_from_db()
    changed_at = other.updated_at
    button = f'name="apart"\n                  value="{other.pk}"'
    assert "These are two agreements" in editor.get(page_of(draft)).content.decode()
    assert warned(draft)
    assert warned(other)
    assert list(Agreement.objects.with_likely_duplicates()) == [draft]

    response = editor.post(apart_of(draft), {"apart": other.pk}, follow=True)

    page = response.content.decode()
    assert f"{draft.ref} and {other.ref} are two agreements" in page
    assert "They may be the same after all" in page
    assert button not in page
    assert not warned(draft)
    assert not warned(other)
    assert not Agreement.objects.with_likely_duplicates().exists()
    assert editor.get(LIST, {"follow_up": "duplicates"}).context["cl"].result_count == 0
    assert other.updated_at == changed_at
    for record, far in ((draft, other), (other, draft)):
        entry = entries_of(Agreement, record.pk, count=1)[0]
        assert entry.by is not None
        assert entry.by.username == "editor"
        assert entry.why == f"These are two agreements: {draft.ref} and {other.ref}."
        [change] = entry.changes.fields
        assert (change.label, change.after) == ("Not the same as", far.ref)
    assert LogEntry.objects.filter(object_id__in=[draft.pk, other.pk]).count() == 2

    editor.post(apart_of(other), {"together": draft.pk})
    assert not warned(draft)  # an editor may not change the published one
    editor.post(apart_of(draft), {"together": other.pk})

    assert warned(draft)
    assert warned(other)
    assert [row.kept_apart for row in Agreement.objects.all()] == ["", ""]


def test_pairs_survive_restoring_deleting_and_merging(pair: tuple[Agreement, Agreement]) -> None:
    draft, other = pair
    by = colleague(StaffRole.ADMINISTRATOR)
    third = AgreementFactory(
        signed="2022-05-25", parties=[r.party for r in other.participations.all()]
    )
    keep_apart(draft, other, by=by)
    keep_apart(draft, other, by=by)
    assert warned(draft)  # of the third
    keep_apart(third, draft, by=by)
    draft.refresh_from_db()
    assert draft.kept_apart == f"{other.ref} {third.ref}"

    one, two = Party.objects.order_by("pk")[:2]
    merge(
        PartyFactory(name="Ministry of Sports", country=""), one, take=[], by=by, at=timezone.now()
    )
    third.delete()

    assert not warned(draft)
    with pytest.raises(KeptApartError):
        join_again(draft, third, by=by)
    assert two in Party.objects.all()


@pytest.mark.parametrize(
    ("role", "which", "sent", "status"),
    [
        (None, 0, {"apart": "other"}, 403),
        (StaffRole.READER, 0, {"apart": "other"}, 403),
        (StaffRole.EDITOR, 1, {"apart": "other"}, 403),
        (StaffRole.EDITOR, 0, {"apart": "99999999"}, 302),
        (StaffRole.EDITOR, 0, {"apart": "1; DROP"}, 302),
        (StaffRole.EDITOR, 0, {}, 302),
        (StaffRole.EDITOR, 0, {"apart": "itself"}, 302),
    ],
)
def test_refused_without_rights_or_another_record(
    client: Client,
    pair: tuple[Agreement, Agreement],
    role: StaffRole | None,
    which: int,
    sent: dict[str, str],
    status: int,
) -> None:
    if role:
        client.force_login(colleague(role))
    record, other = pair[which], pair[1 - which]
    names = {"other": str(other.pk), "itself": str(record.pk)}
    data = {name: names.get(value, value) for name, value in sent.items()}

    assert client.post(apart_of(record), data).status_code == status
    assert client.get(apart_of(record)).status_code in (302, 403, 405)
    assert not Agreement.objects.exclude(kept_apart="").exists()


def test_new_record_is_kept_apart_from_those_named_while_it_was_typed(
    editor: Client, pair: tuple[Agreement, Agreement]
) -> None:
    draft, other = pair
    asked = {
        "party": [row.party_id for row in other.participations.all()],
        "signed": "25 May 2022",
        "apart": [other.pk],
    }
    note = editor.get(reverse("admin:agreements_agreement_likeness"), asked).content.decode()
    assert f'<input type="hidden" name="apart" value="{other.pk}">' in note
    assert draft.ref in note.partition("Similar, but another agreement")[0]
    assert other.ref not in note.partition("Similar, but another agreement")[0]


def test_two_bodies_are_told_apart_on_the_page_of_one(editor: Client) -> None:
    one, other = (PartyFactory(name=name) for name in ("Ministry of Labour", "Ministry of Labor"))
    refresh_country("")
    page = reverse("admin:agreements_party_change", args=[one.pk])
    assert "These are two bodies" in editor.get(page).content.decode()

    editor.post(apart_of(one), {"apart": other.pk})

    pair = LikelyDuplicate.objects.get()
    assert (pair.is_dismissed, str(pair.dismissed_by)) == (True, "editor")
    shown = editor.get(page).content.decode()
    assert "it is another body:" in shown
    assert f"according to {pair.dismissed_by}" in shown

    editor.post(apart_of(other), {"together": one.pk})

    assert not LikelyDuplicate.objects.get().is_dismissed
    assert LogEntry.objects.filter(object_id=one.pk).count() == 2


# ------------------------------------------------------------------ a party while it is typed


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"name": "Ministry of Labor", "country": "AZ"}, ["Ministry of Labour"]),
        ({"name": ["Əmək", "labour ministry"], "country": "az"}, ["Ministry of Labour"]),
        ({"name": "MINISTRY OF LABOUR"}, ["Ministry of Labour"]),
        ({"name": "Ministry of Labor", "country": "UZ"}, []),
        ({"name": "Ministry of Health", "country": "AZ"}, []),
        ({"name": "", "country": "AZ"}, []),
        ({}, []),
        ({"name": "x" * 5000, "country": "<script>"}, []),
        ({"name": "Ministry of Labour", "country": "AZ", "of": "own"}, []),
        ({"name": "Ministry of Labour", "country": "AZ", "of": "9" * 30}, ["Ministry of Labour"]),
    ],
)
def test_note_while_a_party_is_typed(
    editor: Client, typed: dict[str, str], found: list[str]
) -> None:
    labour = PartyFactory(name="Ministry of Labour", country="AZ")
    asked = {name: str(labour.pk) if value == "own" else value for name, value in typed.items()}

    note = editor.get(reverse("admin:agreements_party_likeness"), asked)

    assert [
        name for name, _words in ((each, 0) for each in found) if name in note.content.decode()
    ] == found
    assert ("Perhaps already in the register" in note.content.decode()) == bool(found)


def test_list_of_possible_duplicates_says_when_all_were_compared(client: Client) -> None:
    from django.core.management import call_command

    client.force_login(colleague(StaffRole.ADMINISTRATOR))
    parties = reverse("admin:agreements_party_changelist")
    assert (
        "have been compared so far" in client.get(parties, {"duplicates": "yes"}).content.decode()
    )

    call_command("find_duplicate_parties", verbosity=0)

    assert (
        "All parties were last compared on"
        in client.get(parties, {"duplicates": "yes"}).content.decode()
    )
    assert "last compared" not in client.get(parties).content.decode()

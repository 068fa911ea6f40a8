"""No screen of the admin takes the last source from a published record, and the log notes each refusal."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agreements.curation.history.past import entries_of
from agreements.curation.history.recording import recorded
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Evidence, PartyMerge
from tests.admin.sent import deletion, opened
from tests.colleagues import colleague
from tests.factories import AgreementFactory, EvidenceFactory, PartyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher(client: Client) -> Client:
    client.force_login(colleague(StaffRole.PUBLISHER))
    return client


@pytest.fixture
def evidence() -> Evidence:
    """The only evidence of a published agreement."""
    row: Evidence = EvidenceFactory(
        agreement=AgreementFactory(parties=PartyFactory.create_batch(2))
    )
    return row


def url(page: str, *args: Any, model: str = "evidence") -> str:
    return reverse(f"admin:agreements_{model}_{page}", args=args)


def sentence(evidence: Evidence) -> str:
    return f"{evidence.agreement.ref}: a published record rests on a source. Keep one,"


def logged(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    lines = [
        json.loads(rec.getMessage()) for rec in caplog.records if rec.name == "agreements.audit"
    ]
    return [line for line in lines if line["event"] == event]


def test_last_source_is_not_deleted_on_its_own_page(
    publisher: Client, evidence: Evidence, caplog: pytest.LogCaptureFixture
) -> None:
    page = publisher.post(url("delete", evidence.pk), deletion(evidence.agreement, of=evidence))

    assert page.status_code == 409
    assert sentence(evidence) in page.content.decode()
    assert "Delete anyway" not in page.content.decode()
    assert "was deleted" not in publisher.get("/admin/").content.decode()
    assert Evidence.objects.get() == evidence
    [line] = logged(caplog, "incomplete_refused")
    assert evidence.agreement.ref in line["why"]


def test_last_source_is_not_deleted_with_others_in_the_list(
    publisher: Client, evidence: Evidence
) -> None:
    another = EvidenceFactory(agreement=AgreementFactory(draft=True))
    sent = {
        "action": "delete_selected",
        "_selected_action": [evidence.pk, another.pk],
        **deletion(evidence.agreement, of=evidence),
        **deletion(another.agreement, of=another),
    }

    page = publisher.post(url("changelist"), sent)

    assert page.status_code == 409
    assert sentence(evidence) in page.content.decode()
    assert Evidence.objects.count() == 2


def test_last_source_is_not_moved_to_another_record_and_what_was_typed_stays(
    publisher: Client, evidence: Evidence
) -> None:
    form = publisher.get(url("change", evidence.pk)).context["adminform"].form
    typed = {name: form[name].value() or "" for name in form.fields}
    elsewhere = AgreementFactory()
    typed |= {"agreement": elsewhere.pk, "note": "Typed with care", "why": "It belongs there"}

    page = publisher.post(url("change", evidence.pk), typed)

    assert page.status_code == 200
    assert sentence(evidence) in page.content.decode()
    assert "Typed with care" in page.content.decode()
    assert Evidence.objects.get().agreement == evidence.agreement


def test_another_than_the_last_source_is_deleted(publisher: Client, evidence: Evidence) -> None:
    EvidenceFactory(agreement=evidence.agreement)

    answer = publisher.post(url("delete", evidence.pk), deletion(evidence.agreement, of=evidence))

    assert answer.status_code == 302
    assert not Evidence.objects.filter(pk=evidence.pk).exists()


def test_version_without_a_source_is_not_restored(
    publisher: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with recorded():
        agreement = AgreementFactory(draft=True, parties=PartyFactory.create_batch(2))
    with recorded():
        evidence = EvidenceFactory(agreement=agreement)
        agreement.publication = "published"
        agreement.save()
    first = entries_of(Agreement, agreement.pk)[-1]

    page = publisher.post(
        url("version", agreement.pk, first.key, model="agreement"), opened(agreement)
    )

    assert page.status_code == 409
    assert sentence(evidence) in page.content.decode()
    assert Evidence.objects.exists()
    assert logged(caplog, "restore_refused")


def test_closed_form_is_in_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.force_login(colleague(StaffRole.EDITOR))
    row = EvidenceFactory(agreement=AgreementFactory(draft=True))
    form = client.get(url("change", row.pk)).context["adminform"].form
    typed = {name: form[name].value() for name in form.fields}
    Agreement.objects.update(publication="published")
    closed = AgreementFactory()

    typed["why"] = "The source says so"

    client.post(url("change", row.pk), typed)
    client.post(url("add"), {**typed, "agreement": closed.pk})

    refused = logged(caplog, "closed_refused")
    assert {line["user"] for line in refused} == {"editor"}
    assert str(row) in {line["of"] for line in refused}
    assert closed.ref in {line["of"] for line in refused}
    assert all("only publishers" in line["why"] for line in refused)


def test_refused_merge_and_undo_are_in_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.force_login(colleague(StaffRole.ADMINISTRATOR))
    kept, other = PartyFactory(name="Kept"), PartyFactory(name="Other")
    agreement = AgreementFactory(parties=[kept, other])
    asked = {"kept": kept.pk, "other": other.pk}
    merge = reverse("admin:agreements_party_merge")

    client.get(merge, asked)
    assert logged(caplog, "merge_refused") == []
    page = client.post(merge, asked)

    assert f"{agreement.ref}: a published record names two parties" in page.content.decode()
    [line] = logged(caplog, "merge_refused")
    assert (line["of"], line["into"]) == ("Other", "Kept")
    assert agreement.ref in line["why"]

    agreement.delete()
    client.post(merge, {**asked, "confirmed": "1"})
    [merged] = PartyMerge.objects.all()
    undo = reverse("admin:agreements_partymerge_undo", args=[merged.pk])
    client.post(undo)
    assert logged(caplog, "merge_undo_refused") == []

    client.post(undo)

    [line] = logged(caplog, "merge_undo_refused")
    assert "already been undone" in line["why"]

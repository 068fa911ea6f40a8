"""Publishing many records: by the command and from the list, interrupted, twice, and at the same time as edits."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.admin import publication
from agreements.curation import publishing_runs, workflow
from agreements.curation.history.past import entries_of
from agreements.domain.choices import PublicationVerb
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Import, ImportedRecord, PublicationStep, PublishingRun
from tests.colleagues import colleague
from tests.factories import AgreementFactory, EvidenceFactory, PartyFactory

LIST = reverse("admin:agreements_agreement_changelist")
pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher() -> User:
    return colleague(StaffRole.PUBLISHER)


def complete(count: int, **fields: Any) -> list[Agreement]:
    """Return drafts that have what a published record needs."""
    parties = PartyFactory.create_batch(2, country="GE")
    made = [AgreementFactory(draft=True, parties=parties, **fields) for _ in range(count)]
    for agreement in made:
        EvidenceFactory(agreement=agreement)
    return made


def run(*args: str, **options: Any) -> tuple[str, str, int]:
    out, err, status = io.StringIO(), io.StringIO(), 0
    try:
        call_command("publish_agreements", *args, stdout=out, stderr=err, verbosity=0, **options)
    except SystemExit as ended:
        status = int(str(ended.code))
    return out.getvalue().strip(), err.getvalue().strip(), status


def public() -> set[int]:
    return set(Agreement.objects.published().values_list("pk", flat=True))


def begun(publisher: User) -> PublishingRun:
    return publishing_runs.begun(Agreement.objects.all(), by=publisher, at=timezone.now())


def page_of(run: PublishingRun) -> str:
    return reverse("admin:agreements_publishingrun_change", args=[run.pk])


def test_command_publishes_an_import_and_says_why_it_refuses(publisher: User) -> None:
    made, lacking, other = complete(3), AgreementFactory(draft=True), complete(1)[0]
    imported = Import.objects.create(
        file_name="a.csv", profile="register", state="applied", uploaded_at=timezone.now()
    )
    for row, agreement in enumerate([*made, lacking]):
        ImportedRecord.objects.create(run=imported, row=row, outcome="created", agreement=agreement)
    arguments = ("--import", str(imported.pk), "--by", publisher.username)

    said, why, _status = run(*arguments, "--dry-run")
    assert said == "Agreements: 3 to publish, 1 refused (dry run: nothing was written)."
    assert not public()
    assert not PublishingRun.objects.exists()

    said, why, status = run(*arguments)

    assert said.startswith("Agreements: 3 published, 1 refused, 0 already published. Run ")
    assert why.startswith(f"{lacking.ref}: It cannot be published yet.")
    assert (public(), status) == ({each.pk for each in made}, 1)
    assert other.pk not in public()
    entry = entries_of(Agreement, made[0].pk, count=1)[0]
    assert (str(entry.by), entry.why) == ("publisher", "Published")

    assert run(*arguments)[0].startswith("Agreements: 0 published, 1 refused, 0 already")
    assert PublicationStep.objects.count() == 3


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ("publication=draft", 3),
        ("?publication__exact=draft&kind__exact=treaty", 1),
        ("country=GE&q=memorandum", 3),
        ("country=AZ", 0),
        ("missing=source", 0),
        ("kind=nothing", 0),
    ],
)
def test_command_takes_the_filters_of_the_list(publisher: User, filters: str, count: int) -> None:
    complete(2)
    complete(1, kind="treaty")

    said, _why, status = run("--filter", filters, "--by", "publisher")

    assert said.startswith(f"Agreements: {count} published, 0 refused")
    assert (status, len(public())) == (0, count)


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (("--import", "9", "--by", "publisher"), "There is no import 9"),
        (
            ("--filter", "wrong=1", "--by", "publisher"),
            "There is no filter “wrong=1”. There are: area, country",
        ),
        (("--filter", "", "--by", "publisher"), "Name at least one filter"),
        (("--filter", "kind=mou"), "Say with --by"),
        (("--filter", "kind=mou", "--by", "nobody"), "no active user named “nobody”"),
        (("--filter", "kind=mou", "--by", "editor"), "editor may not publish"),
        (("--run", "7"), "There is no run 7"),
        (("--by", "publisher"), "required"),
    ],
)
def test_command_refuses_what_it_cannot_do(
    publisher: User, arguments: tuple[str, ...], refusal: str
) -> None:
    colleague(StaffRole.EDITOR)
    complete(1)

    with pytest.raises(CommandError, match=refusal):
        run(*arguments)

    assert not public()


def test_interrupted_run_goes_on_where_it_stopped_and_publishes_nothing_twice(
    publisher: User, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    made = complete(5)
    monkeypatch.setattr(publishing_runs, "TOGETHER", 2)
    job = begun(publisher)
    taken = workflow.take
    calls: list[int] = []

    def stops(verb: PublicationVerb, agreement: Agreement, **more: Any) -> Agreement:
        calls.append(agreement.pk)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return taken(verb, agreement, **more)

    monkeypatch.setattr(workflow, "take", stops)
    with pytest.raises(KeyboardInterrupt):
        publishing_runs.carry_on(job)
    assert len(public()) == 2
    monkeypatch.setattr(workflow, "take", taken)
    made[2].delete()
    workflow.take(PublicationVerb.PUBLISH, made[4], by=publisher, at=timezone.now())
    client.force_login(publisher)
    PublishingRun.objects.update(seen_at=timezone.now() - timedelta(minutes=3))
    assert "interrupted after 2 of 5 records" in client.get(page_of(job)).content.decode()
    started: list[int] = []
    monkeypatch.setattr(publishing_runs, "start", lambda run: started.append(run.pk))
    client.post(reverse("admin:agreements_publishingrun_go_on", args=[job.pk]))
    assert started == [job.pk]

    said, why, _status = run("--run", str(job.pk))

    assert said.startswith("Agreements: 3 published, 1 refused, 1 already published.")
    assert why == f"{made[2].ref}: It has since been deleted."
    assert PublicationStep.objects.count() == 4
    page = client.get(page_of(job)).content.decode()
    assert "3 records were published." in page
    assert "It has since been deleted." in page
    client.post(reverse("admin:agreements_publishingrun_go_on", args=[job.pk]))
    assert started == [job.pk]


def test_other_writers_in_between_are_waited_for(
    publisher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete(2)
    job, taken, busy = begun(publisher), workflow.take, [True, True]

    def at_first_busy(*args: Any, **more: Any) -> Agreement:
        if busy and busy.pop():
            raise OperationalError("database is locked")
        return taken(*args, **more)

    monkeypatch.setattr(workflow, "take", at_first_busy)
    publishing_runs.carry_on(job)

    assert len(public()) == 2


def test_job_begun_meanwhile_waits_for_its_turn_and_an_interrupted_one_for_a_person(
    publisher: User, client: Client
) -> None:
    [first, second, third] = complete(3)
    long_ago = timezone.now() - timedelta(minutes=3)
    abandoned, waiting = (
        publishing_runs.begun(Agreement.objects.filter(pk=each.pk), by=publisher, at=timezone.now())
        for each in (first, second)
    )
    PublishingRun.objects.filter(pk=abandoned.pk).update(seen_at=long_ago)

    said, _why, _status = run("--filter", f"q={third.ref}", "--by", publisher.username)

    assert said.count("1 published") == 2
    assert public() == {second.pk, third.pk}
    client.force_login(publisher)
    assert "1 record was published." in client.get(page_of(waiting)).content.decode()
    assert "interrupted after 0 of 1 records" in client.get(page_of(abandoned)).content.decode()


def test_page_counts_the_reasons_of_refusals(publisher: User, client: Client) -> None:
    AgreementFactory.create_batch(2, draft=True)
    job = begun(publisher)
    publishing_runs.carry_on(job)
    client.force_login(publisher)

    page = " ".join(client.get(page_of(job)).content.decode().split())

    [(why, count)] = job.refusals(10)
    assert count == 2
    assert f"<li> <b>2</b> {why} </li>" in page


def test_publisher_who_loses_the_right_publishes_no_more(publisher: User) -> None:
    complete(2)
    job = begun(publisher)
    publisher.groups.clear()

    publishing_runs.carry_on(PublishingRun.objects.get(pk=job.pk))

    assert not public()
    assert {item.why for item in job.items.all()} == {
        "Only publishers can do this. Ask one of them."
    }


def test_many_chosen_in_the_list_are_published_by_a_job(
    client: Client, publisher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = complete(3)
    monkeypatch.setattr(publication, "PUBLISHED_AT_ONCE", 2)
    started: list[PublishingRun] = []
    monkeypatch.setattr(publishing_runs, "start", started.append)
    client.force_login(publisher)
    chosen = {"action": "publish", "_selected_action": [made[0].pk], "select_across": "1"}

    response = client.post(f"{LIST}?kind__exact=mou", chosen)

    [job] = started
    assert response.headers["Location"] == page_of(job)
    page = client.get(page_of(job))
    assert "0 of 3 records are done." in page.content.decode()
    assert "kind__exact=mou" in page.content.decode()
    publishing_runs.carry_on(job)
    assert "3 records were published." in client.get(page_of(job)).content.decode()
    assert client.get(reverse("admin:agreements_publishingrun_changelist")).status_code == 200
    for wrong in ("x", "9" * 30):
        assert (
            client.get(reverse("admin:agreements_publishingrun_change", args=[wrong])).status_code
            == 404
        )


@pytest.mark.parametrize("role", [StaffRole.READER, StaffRole.EDITOR])
def test_only_publishers_go_on_with_a_job(
    client: Client, publisher: User, role: StaffRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing_runs, "start", lambda run: pytest.fail("started"))
    job = begun(publisher)
    PublishingRun.objects.update(seen_at=timezone.now() - timedelta(minutes=3))
    client.force_login(colleague(role))

    assert client.get(page_of(job)).status_code == 200
    assert (
        client.post(reverse("admin:agreements_publishingrun_go_on", args=[job.pk])).status_code
        == 403
    )

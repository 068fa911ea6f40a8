"""Periods move the end of an agreement and its status, but only if what decided them is published and concluded."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.test import Client

from agreements.curation import workflow
from agreements.domain.choices import Publication, PublicationVerb, Stage
from agreements.domain.durations import Duration
from agreements.domain.partial_dates import PartialDate
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Period
from tests.colleagues import colleague
from tests.factories import AgreementFactory, EvidenceFactory, PartyFactory, PeriodFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def stored(agreement: Agreement) -> Agreement:
    return Agreement.objects.get(pk=agreement.pk)


def ends(agreement: Agreement) -> str:
    """Return the end as stored, which must match its days."""
    now = stored(agreement)
    end = now.expires
    assert (now.expires_earliest, now.expires_latest) == (
        (end.earliest, end.latest) if end else (None, None)
    )
    return str(end or "")


def status(agreement: Agreement, day: date = DAY) -> str:
    return str(stored(agreement).standing(day).status)


def three_years(**given: Any) -> Agreement:
    return AgreementFactory(
        signed="2020-01-01", in_force="2020-01-01", term_kind="fixed", term_months=36, **given
    )


def test_end_follows_the_last_renewal_and_falls_back_when_it_is_removed() -> None:
    agreement = three_years()
    own = ends(agreement)

    first = PeriodFactory(
        agreement=agreement, kind="renewal", first="2023-01-01", last="2025-12-31"
    )
    last = PeriodFactory(agreement=agreement, kind="renewal", first="2026", last="2028")
    after_both = ends(agreement)
    last.delete()
    after_first = ends(agreement)
    first.delete()

    assert (own, after_both, after_first, ends(agreement)) == (
        "2023-01-01",
        "2028",
        "2025-12-31",
        "2023-01-01",
    )


def test_end_follows_a_changed_period_and_a_changed_term() -> None:
    agreement = three_years()
    period = PeriodFactory(agreement=agreement, last="2025")

    period.last = PartialDate.parse("2030")
    period.save()
    moved = ends(agreement)
    changed = stored(agreement)
    changed.term = Duration.parse("P1Y")
    changed.save()
    kept = ends(agreement)
    Period.objects.get().delete()

    assert (moved, kept, ends(agreement)) == ("2030", "2030", "2021-01-01")


def test_saving_a_copy_read_before_the_renewal_keeps_the_moved_end() -> None:
    agreement = three_years()
    PeriodFactory(agreement=agreement, last="2030")

    agreement.title = "Renamed"
    agreement.save()
    agreement.save(update_fields=["term"])

    assert ends(agreement) == "2030"


@pytest.mark.parametrize(
    ("periods", "end"),
    [
        ([("2021", "2024"), ("", "2026")], "2026"),
        ([("2026-06", "2028"), ("", "2026")], "2028"),
        ([("2021", "2029"), ("2022-05-01", "2022-12-31")], "2022-12-31"),
        ([("", "2025"), ("", "2027")], "2027"),
        ([("2021", ""), ("", "2027")], ""),
        ([("", "2021")], "2021"),
    ],
)
def test_end_is_that_of_the_latest_period(periods: list[tuple[str, str]], end: str) -> None:
    agreement = three_years()
    for first, last in periods:
        PeriodFactory(agreement=agreement, first=first, last=last)

    assert ends(agreement) == end


def test_period_that_ends_before_it_begins_is_refused_in_the_form() -> None:
    backwards = PeriodFactory.build(
        agreement=AgreementFactory(), kind="suspension", first="2023-02", last="2023-01-31"
    )

    with pytest.raises(ValidationError, match="cannot be before the first") as refused:
        backwards.full_clean(
            exclude=["first_earliest", "first_latest", "last_earliest", "last_latest"]
        )

    assert list(refused.value.message_dict) == ["last"]


def test_suspension_and_provisional_application_leave_the_end_alone() -> None:
    agreement = three_years()
    PeriodFactory(agreement=agreement, kind="suspension", first="2021", last="2040")
    PeriodFactory(agreement=agreement, kind="provisional_application", first="2019", last="2041")

    assert ends(agreement) == "2023-01-01"


def test_renewal_without_a_last_day_leaves_the_end_unknown() -> None:
    agreement = three_years()
    PeriodFactory(agreement=agreement, kind="renewal", first="2022-12", last="")

    assert ends(agreement) == ""
    assert status(agreement) == "in_force"


@pytest.mark.parametrize("publication", Publication)
@pytest.mark.parametrize("stage", [Stage.CONCLUDED, Stage.NEGOTIATION])
def test_period_counts_only_if_what_decided_it_is_published_and_concluded(
    publication: Publication, stage: Stage
) -> None:
    agreement = three_years()
    protocol = AgreementFactory(publication=publication, stage=stage)
    PeriodFactory(agreement=agreement, last="2030", by=protocol)

    counts = publication == Publication.PUBLISHED and stage == Stage.CONCLUDED
    assert Period.objects.get().is_public is counts
    assert ends(agreement) == ("2030" if counts else "2023-01-01")
    assert status(agreement) == ("in_force" if counts else "expired")


def test_publishing_and_withdrawing_the_protocol_moves_the_end(client: Client) -> None:
    publisher = colleague(StaffRole.PUBLISHER)
    agreement = three_years()
    protocol = AgreementFactory(draft=True, parties=PartyFactory.create_batch(2))
    EvidenceFactory(agreement=protocol)
    PeriodFactory(agreement=agreement, last="2030", by=protocol)
    page = agreement.get_absolute_url()
    before, hidden = ends(agreement), client.get(page).content.decode()

    workflow.take(PublicationVerb.PUBLISH, protocol, by=publisher, at=NOON)
    published, shown = ends(agreement), client.get(page).content.decode()
    workflow.take(PublicationVerb.WITHDRAW, protocol, by=publisher, at=NOON, reason="Wrong")

    assert (before, published, ends(agreement)) == ("2023-01-01", "2030", "2023-01-01")
    assert protocol.ref not in hidden
    assert f"{protocol.ref}" in shown
    assert protocol.ref not in client.get(page).content.decode()


def test_suspension_decided_by_a_draft_is_hidden_from_status_lists_and_files(
    client: Client,
) -> None:
    agreement = three_years(expires_stated="2040")
    protocol = AgreementFactory(draft=True)
    PeriodFactory(agreement=agreement, kind="suspension", first="2024", by=protocol)

    record = client.get(f"{agreement.get_absolute_url().rstrip('/')}.json").json()

    assert status(agreement) == "in_force"
    assert client.get("/agreements.csv?status=suspended").getvalue().decode().count("\n") == 1
    assert "periods" in str(record)
    assert protocol.ref not in str(record)


def test_agreement_that_decided_a_period_cannot_be_deleted_in_passing() -> None:
    protocol = AgreementFactory()
    PeriodFactory(agreement=three_years(), last="2030", by=protocol)

    with pytest.raises(ProtectedError):
        protocol.delete()


def test_agreement_cannot_prolong_itself() -> None:
    agreement = three_years()

    with pytest.raises(ValidationError, match="cannot prolong itself"):
        Period(
            agreement=agreement, kind="extension", last=PartialDate.parse("2030"), by=agreement
        ).full_clean()


def test_page_says_how_the_end_moved_and_the_timeline_has_both_ends(client: Client) -> None:
    agreement = three_years()
    protocol = AgreementFactory(title="Protocol of extension")
    PeriodFactory(agreement=agreement, last="2030-06-30", by=protocol, note="Exchange of notes")
    PeriodFactory(agreement=agreement, kind="suspension", first="2021-02-03", last="2021-05-06")

    page = " ".join(client.get(agreement.get_absolute_url()).content.decode().split())
    words = " ".join(re.sub("<[^>]+>", "", page).split())

    assert "moved from 1 January 2023 by a renewal or an extension" in words
    assert f'by <a href="/agreements/{protocol.ref}/">{protocol.ref}' in page
    assert "Exchange of notes" in page
    assert "Extension to 30 June 2030 by" in words
    for step in ("End of the first term", "End of term", "Suspended", "End of the suspension"):
        assert f"<strong>{step}</strong>" in page


def test_page_without_periods_has_no_such_section(client: Client) -> None:
    assert "periods-title" not in client.get(three_years().get_absolute_url()).content.decode()

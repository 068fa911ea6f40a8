"""The card beside the form of an agreement: what is typed as it would be saved, with nothing written."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from reversion.models import Version

from agreements.domain.choices import Basis, EventKind, PeriodKind, RelationKind, TermKind
from agreements.domain.facts import EvidenceCode
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement
from tests.admin.sent import agreement_form
from tests.colleagues import colleague
from tests.factories import (
    AgreementFactory,
    EvidenceFactory,
    ParticipationFactory,
    PartyFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db
CARD = reverse("admin:agreements_agreement_card")


def told(client: Client, of: Agreement | None = None, **form: Any) -> str:
    """Return what the card says about a form, as one line."""
    url = f"{CARD}?of={of.pk}" if of else CARD
    response = client.post(url, agreement_form(of=of, **form))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def everything_stored() -> dict[str, Any]:
    """Return the rows of every table of the register and of its history."""
    tables = connection.introspection.table_names()
    kept = {}
    with connection.cursor() as cursor:
        for table in tables:
            if not table.startswith(("sqlite_", "django_session", "django_migrations")):
                cursor.execute(f'SELECT * FROM "{table}"')
                kept[table] = sorted(map(repr, cursor.fetchall()))
    return kept


def typed_rows() -> dict[str, Any]:
    """Rows of nearly every kind, as somebody types them."""
    parties = PartyFactory.create_batch(2)
    known, source = AgreementFactory(draft=True), SourceFactory()
    return {
        "participations": [{"party": party.pk, "position": n} for n, party in enumerate(parties)],
        "signatories": [{"name": "Ana Munteanu", "party": parties[0].pk}],
        "events": [{"kind": EventKind.MEETING, "date": "25 May 2022"}],
        "periods": [{"kind": PeriodKind.RENEWAL, "first": "1 June 2025", "last": "31 May 2028"}],
        "documents": [{"kind": "signed_text", "address": "https://docs.example/text"}],
        "relations_out": [{"kind": RelationKind.SUPERSEDES, "target": known.pk}],
        "languages": [{"language": "az", "title": "Memorandum"}],
        "identifiers": [{"scheme": "unts", "value": "I-1234"}],
        "evidence": [
            {"fact": EvidenceCode.SIGNED, "source": source.pk},
            {"fact": EvidenceCode.PARTIES, "source": source.pk, "basis": Basis.INFERRED},
        ],
        "source": source.pk,
    }


def test_card_tells_what_a_new_agreement_would_be_and_writes_nothing(admin_client: Client) -> None:
    rows = typed_rows()
    before, mails = everything_stored(), len(mail.outbox)

    said = told(
        admin_client,
        signed="25 May 2022",
        in_force="25 May 2022",
        term_kind=TermKind.FIXED,
        term="3 years",
        notice="6 months",
        step="publish",
        fill="signed",
        **rows,
    )

    assert "In force" in said
    assert "Since 25 May 2022" in said
    assert "its end has been moved to 31 May 2028" in said
    assert "Last day for notice: 30 November 2027." in said
    assert "<dt>Facts stated</dt> <dd> 12 </dd>" in said
    assert "<dt>Inferred</dt> <dd> 1 </dd>" in said
    assert "is not public, so the page does not name it" in said
    assert "Single source" in said or "Document seen" in said
    assert everything_stored() == before
    assert len(mail.outbox) == mails


def test_pasted_source_counts_before_anything_is_entered(admin_client: Client) -> None:
    assert "Sources: there are none." in told(admin_client, title="")

    said = told(admin_client, title="", pasted="https://daily.example/labour")

    assert "Sources: there are none." not in said
    assert "<dt>Facts stated</dt> <dd> 2 </dd>" in said


def test_card_of_a_stored_record_follows_what_is_typed_over_and_removed(
    admin_client: Client,
) -> None:
    parties = PartyFactory.create_batch(2)
    agreement = AgreementFactory(signed="2022-05-25", parties=parties)
    EvidenceFactory(agreement=agreement, fact=EvidenceCode.SIGNED)
    before, versions = everything_stored(), Version.objects.count()
    rows = [
        {"id": row.pk, "agreement": agreement.pk, "party": row.party_id}
        for row in agreement.participations.all()
    ]
    rows[1]["DELETE"] = "on"

    said = told(
        admin_client,
        of=agreement,
        title="",
        signed="31 February 2022",
        terminated="1 May 2023",
        participations=rows,
        stored_rows=2,
    )

    assert "Terminated" in said
    assert "Parties: there is only one." in said
    assert '<a href="#id_title">Title</a>: This field is required.' in said
    assert '<a href="#id_signed">Signed</a>' in said
    assert "reason" not in said.lower()
    assert everything_stored() == before
    assert Version.objects.count() == versions


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, "Parties: there are none."),
        (
            {"term_kind": TermKind.INDEFINITE, "term": "3 years"},
            "Status and further checks follow once this is corrected.",
        ),
        ({"title": "x" * 3000}, "Title"),
        (
            {"in_force": "9998", "term_kind": TermKind.FIXED, "term": "3 years"},
            "not between 1000 and 2999",
        ),
        ({"participations": [{"party": "99999999"}]}, "Select a valid choice"),
        ({"participations": [{"party": "-1' OR"}]}, "Select a valid choice"),
        ({"title": "<img src=x onerror=alert(1)>", "summary": "\0"}, "Null characters"),
    ],
)
def test_card_bears_with_what_cannot_be_saved(
    admin_client: Client, form: dict[str, Any], expected: str
) -> None:
    said = told(admin_client, **form)

    assert expected in said, said
    assert "<img" not in said
    assert not Agreement.objects.exists()


def test_same_party_twice_is_told_once_and_the_rest_is_still_computed(admin_client: Client) -> None:
    party = PartyFactory()

    said = told(admin_client, participations=[{"party": party.pk}, {"party": party.pk}])

    assert "Status today" in said or "follow once this is corrected" in said


def test_uploads_are_refused(admin_client: Client) -> None:
    data = agreement_form(documents=[{"kind": "signed_text", "title": "Text"}])
    data["documents-0-file"] = SimpleUploadedFile("text.pdf", b"%PDF-1.4")

    assert admin_client.post(CARD, data).status_code == 415


def test_card_is_for_those_who_may_write_the_record(client: Client) -> None:
    published, draft = AgreementFactory(), AgreementFactory(draft=True)
    for role, of, status in (
        (None, draft, 403),
        (StaffRole.READER, draft, 403),
        (StaffRole.READER, None, 403),
        (StaffRole.EDITOR, published, 403),
        (StaffRole.EDITOR, draft, 200),
        (StaffRole.EDITOR, None, 200),
        (StaffRole.PUBLISHER, published, 200),
    ):
        client.logout()
        if role:
            client.force_login(
                User.objects.filter(username=role.lower()).first() or colleague(role)
            )
        url = f"{CARD}?of={of.pk}" if of else CARD
        assert client.post(url, agreement_form()).status_code == status, (role, of)
    assert client.get(CARD).status_code == 405
    for wrong in ("0", "x", "9" * 30, "1 OR 1"):
        assert client.post(f"{CARD}?of={wrong}", agreement_form()).status_code == 404


def test_queries_do_not_grow_with_records_and_a_huge_form_is_not_rehearsed(
    admin_client: Client,
) -> None:
    form = agreement_form(**typed_rows())
    admin_client.post(CARD, form)
    with CaptureQueriesContext(connection) as few:
        admin_client.post(CARD, form)
    AgreementFactory.create_batch(10)
    ParticipationFactory.create_batch(3)
    with CaptureQueriesContext(connection) as many:
        admin_client.post(CARD, form)
    assert len(many) <= len(few)
    assert len(few) < 220

    huge = agreement_form(title="Huge", languages=[{"language": "az"}] * 401)
    assert admin_client.post(CARD, huge).status_code == 200


def test_page_without_scripts_shows_the_stored_state_and_every_button(client: Client) -> None:
    client.force_login(colleague(StaffRole.PUBLISHER))
    agreement = AgreementFactory(
        draft=True, signed="2022-05-25", parties=PartyFactory.create_batch(2)
    )

    page = client.get(reverse("admin:agreements_agreement_change", args=[agreement.pk]))
    content = " ".join(page.content.decode().split())

    assert f"<h2> {agreement.ref} </h2>" in content
    assert "Sources: there are none." in content
    for name in ("_save", "_continue", "_addanother", "step"):
        assert f'name="{name}"' in content
    for link in ("preview", "history"):
        assert reverse(f"admin:agreements_agreement_{link}", args=[agreement.pk]) in content

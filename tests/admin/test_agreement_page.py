"""The agreement's page: entering everything at once, keeping what was typed on a refusal, and what the page shows."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.text import capfirst

from agreements.domain.choices import (
    Basis,
    DocumentKind,
    EventKind,
    Publication,
    PublicationVerb,
    RelationKind,
    TermKind,
    Verification,
)
from agreements.domain.facts import EvidenceCode
from agreements.domain.permissions import StaffRole
from agreements.domain.sections import SECTIONS
from agreements.models import Agreement
from tests.admin.sent import agreement_form
from tests.colleagues import colleague
from tests.factories import (
    PDF_BYTES,
    PDF_SHA256,
    AgreementFactory,
    AreaFactory,
    DocumentFactory,
    EvidenceFactory,
    ParticipationFactory,
    PartyFactory,
    RelationFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db
ADD = reverse("admin:agreements_agreement_add")


def change_url(agreement: Agreement) -> str:
    return reverse("admin:agreements_agreement_change", args=[agreement.pk])


def warnings_after(response: Any) -> list[str]:
    messages = get_messages(response.wsgi_request)
    return [str(message) for message in messages if message.level_tag == "warning"]


def pdf(name: str = "Signed text.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF_BYTES, content_type="application/pdf")


def test_everything_is_entered_in_one_go(admin_client: Client) -> None:
    azerbaijani, pakistani = PartyFactory(country="AZ"), PartyFactory(country="PK")
    framework, source = AgreementFactory(), SourceFactory()
    labour, protection = AreaFactory(), AreaFactory()

    response = admin_client.post(
        ADD,
        agreement_form(
            title="Memorandum on labour, employment and social protection",
            summary="Both ministries exchange experience.",
            areas=[labour.pk, protection.pk],
            signed="25 May 2022",
            place="Baku",
            in_force="25.05.2022",
            term_kind=TermKind.FIXED,
            term="3 years",
            notice="90 days",
            step=PublicationVerb.PUBLISH,
            review_due="March 2024",
            participations=[{"party": azerbaijani.pk}, {"party": pakistani.pk, "position": 1}],
            signatories=[
                {"name": "Sahil Babayev", "title": "Minister", "party": azerbaijani.pk},
                {"name": "Bilal Hayee", "party": pakistani.pk, "signed": "2022"},
            ],
            events=[
                {
                    "kind": EventKind.DISCUSSED,
                    "date": "10 May 2022",
                    "note": "The two sides agreed to sign.",
                    "source": source.pk,
                }
            ],
            documents=[
                {
                    "kind": DocumentKind.SIGNED_TEXT,
                    "title": "Text",
                    "file": pdf(),
                    "is_public": "on",
                }
            ],
            relations_out=[{"kind": RelationKind.UNDER, "target": framework.pk}],
            commitments=[{"text": "A joint working group", "due": "2023"}],
            evidence=[
                {
                    "fact": EvidenceCode.SIGNED,
                    "source": source.pk,
                    "locator": "paragraph 1",
                    "basis": Basis.INFERRED,
                }
            ],
        ),
    )

    assert response.status_code == 302, response.context["errors"]
    agreement = Agreement.objects.get(title__startswith="Memorandum on labour, employment")
    assert str(agreement.signed) == str(agreement.in_force) == "2022-05-25"
    assert str(agreement.expires) == "2025-05-25"
    assert agreement.is_public
    assert str(agreement.review_due) == "2024-03"
    assert agreement.published_at is not None
    assert set(agreement.areas.all()) == {labour, protection}
    assert [row.party for row in agreement.participations.all()] == [azerbaijani, pakistani]
    assert [row.party for row in agreement.signatories.all()] == [azerbaijani, pakistani]
    assert str(agreement.events.get().date) == "2022-05-10"
    assert agreement.documents.get().sha256 == PDF_SHA256
    assert agreement.relations_out.get().target == framework
    assert str(agreement.commitments.get().due) == "2023"
    assert agreement.evidence.get().basis == Basis.INFERRED
    assert agreement.verification == Verification.DOCUMENT_SEEN
    (warning,) = warnings_after(response)
    assert "Sources: there is none for Place of signature, Entry into force, Term" in warning


def test_rows_are_changed_and_removed(admin_client: Client) -> None:
    agreement = AgreementFactory(draft=True)
    kept, removed = (ParticipationFactory(agreement=agreement) for _ in range(2))

    response = admin_client.post(
        change_url(agreement),
        agreement_form(
            of=agreement,
            stored_rows=2,
            participations=[
                {"id": kept.pk, "agreement": agreement.pk, "party": kept.party_id, "position": 5},
                {
                    "id": removed.pk,
                    "agreement": agreement.pk,
                    "party": removed.party_id,
                    "DELETE": 1,
                },
            ],
        ),
    )

    assert response.status_code == 302
    assert list(agreement.participations.values_list("pk", "position")) == [(kept.pk, 5)]


def test_what_is_changed_rests_on_the_chosen_source_unless_the_control_beside_it_says_otherwise(
    admin_client: Client,
) -> None:
    source, agreement = SourceFactory(), AgreementFactory(draft=True, place="Baku", in_force="2022")
    EvidenceFactory(
        agreement=agreement, source=source, fact=EvidenceCode.TITLE, basis=Basis.INFERRED
    )

    admin_client.post(
        change_url(agreement),
        agreement_form(
            of=agreement,
            title="Changed",
            source=source.pk,
            signed="May 2022",
            term_kind=TermKind.FIXED,
            term="3 years",
            place="Ankara",
            in_force="",
            participations=[{"party": PartyFactory().pk}],
            signatories=[{"name": "A. Minister"}],
            **{
                "rests-kind": "stated",
                "rests-place": "not",
                "rests-signed": "inferred",
                "rests-signed-note": "The article calls it last month.",
                "rests-parties-locator": "paragraph 2",
                "rests-signatories": "",
            },
        ),
    )

    assert set(agreement.evidence.values_list("fact", "basis", "locator", "note")) == {
        # rested on it already
        (EvidenceCode.TITLE, Basis.INFERRED, "", ""),
        # unchanged, but the control says so
        (EvidenceCode.KIND, Basis.STATED, "", ""),
        (EvidenceCode.SIGNED, Basis.INFERRED, "", "The article calls it last month."),
        (EvidenceCode.TERM, Basis.STATED, "", ""),
        (EvidenceCode.PARTIES, Basis.STATED, "paragraph 2", ""),
        (EvidenceCode.SIGNATORIES, Basis.STATED, "", ""),
    }
    assert {row.source for row in agreement.evidence.all()} == {source}


def test_defaults_that_say_something_rest_on_the_source_of_a_new_record(
    admin_client: Client,
) -> None:
    admin_client.post(ADD, agreement_form(source=SourceFactory().pk, **{"rests-stage": "not"}))

    agreement = Agreement.objects.get()
    assert set(agreement.evidence.values_list("fact", "basis")) == {
        (EvidenceCode.TITLE, Basis.STATED),
        (EvidenceCode.KIND, Basis.STATED),
    }


def test_value_that_says_nothing_rests_on_no_source(admin_client: Client) -> None:
    unknown = ("legal_nature", "term", "text", "place", "areas", "languages")

    response = admin_client.post(
        ADD,
        agreement_form(
            source=SourceFactory().pk,
            in_force="25 May 2022",
            **{f"rests-{fact}": "stated" for fact in (*unknown, "in_force")},
        ),
    )

    stated = set(Agreement.objects.get().evidence.values_list("fact", flat=True))
    assert stated == {"title", "kind", "stage", "in_force"}
    (said,) = (line for line in warnings_after(response) if "Nothing is entered" in line)
    for label in ("Legal nature", "Term", "Text", "Place of signature", "Cooperation areas"):
        assert label in said


def test_end_that_is_worked_out_may_rest_on_a_source(admin_client: Client) -> None:
    term = {"in_force": "25 May 2022", "term_kind": TermKind.FIXED, "term": "3 years"}
    inferred = {"rests-expires": "inferred", "rests-expires-note": "Three years from then."}

    admin_client.post(ADD, agreement_form(source=SourceFactory().pk, **term, **inferred))

    assert Agreement.objects.get().evidence.get(fact="expires").basis == Basis.INFERRED


@pytest.mark.parametrize(
    ("fact", "typed", "is_refused"),
    [
        (EvidenceCode.TERM, {}, True),
        (EvidenceCode.LEGAL_NATURE, {}, True),
        (EvidenceCode.SIGNED, {}, True),
        (EvidenceCode.SIGNED, {"signed": "2022"}, False),
        (EvidenceCode.EXPIRES, {}, False),
    ],
)
def test_another_source_of_what_says_nothing_is_refused(
    admin_client: Client, fact: str, typed: dict[str, str], is_refused: bool
) -> None:
    rows = [{"fact": fact, "source": SourceFactory().pk}]

    response = admin_client.post(ADD, agreement_form(evidence=rows, **typed))

    assert Agreement.objects.exists() is not is_refused
    if is_refused:
        assert "that evidence could support" in response.content.decode()


def test_evidence_of_what_has_since_become_unknown_may_stay(admin_client: Client) -> None:
    agreement = AgreementFactory(draft=True, place="Baku")
    kept = EvidenceFactory(agreement=agreement, fact=EvidenceCode.PLACE)
    rows = [{"id": kept.pk, "agreement": agreement.pk, "fact": kept.fact, "source": kept.source_id}]

    response = admin_client.post(
        change_url(agreement), agreement_form(of=agreement, stored_rows=1, place="", evidence=rows)
    )

    assert response.status_code == 302
    assert any(
        "Place of signature: nothing is entered" in line for line in warnings_after(response)
    )


def test_order_of_the_parties_alone_rests_on_no_source(admin_client: Client) -> None:
    agreement = AgreementFactory(draft=True, parties=PartyFactory.create_batch(2))
    first, second = (
        {"id": row.pk, "agreement": agreement.pk, "party": row.party_id}
        for row in agreement.participations.all()
    )
    rows = [{**first, "position": 1}, {**second, "position": 0}]

    admin_client.post(
        change_url(agreement),
        agreement_form(
            of=agreement,
            title=agreement.title,
            source=SourceFactory().pk,
            participations=rows,
            stored_rows=2,
        ),
    )

    assert agreement.participations.first().party_id == second["party"]
    assert not agreement.evidence.exists()


def test_nothing_rests_on_a_source_that_nobody_chose(admin_client: Client) -> None:
    admin_client.post(ADD, agreement_form(signed="2022", place="Baku"))

    assert not Agreement.objects.get().evidence.exists()


def test_source_on_which_nothing_new_rests_is_reported(admin_client: Client) -> None:
    agreement = AgreementFactory(draft=True)

    response = admin_client.post(
        change_url(agreement),
        agreement_form(of=agreement, title=agreement.title, source=SourceFactory().pk),
    )

    assert not agreement.evidence.exists()
    assert any(said.startswith("Nothing new rests on “") for said in warnings_after(response))


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        ({"rests-kind": "stated"}, "rests-kind", "Kind: choose the source that says so"),
        ({"rests-kind-locator": "p. 1"}, "rests-kind", "Kind: choose the source that says so"),
        (
            {"rests-kind": "inferred", "source": True},
            "rests-kind-note",
            "Kind: say why it follows from the source.",
        ),
        (
            {"rests-kind": "not", "rests-kind-note": "Because", "source": True},
            "rests-kind",
            "Kind: choose “stated” or “inferred”, or clear",
        ),
        (
            {"rests-title": "inferred", "rests-title-note": "So", "source": True},
            "rests-title",
            "Title: this place in this source is already entered.",
        ),
        (
            {"rests-place-locator": "p. 1", "source": True},
            "rests-place",
            "Place of signature: nothing is entered that evidence could support.",
        ),
        ({"rests-kind": "certain", "source": True}, "rests-kind", "Select a valid choice."),
        (
            {"rests-kind-locator": "x" * 201, "source": True},
            "rests-kind-locator",
            "at most 200 characters",
        ),
    ],
)
def test_half_a_statement_is_refused_and_kept_beside_its_fact(
    admin_client: Client, sent: dict[str, Any], field: str, sentence: str
) -> None:
    agreement = AgreementFactory(draft=True)
    source = EvidenceFactory(agreement=agreement, fact=EvidenceCode.TITLE).source
    chosen = {"source": source.pk} if sent.get("source") else {}

    response = admin_client.post(
        change_url(agreement), agreement_form(of=agreement, **{**sent, **chosen})
    )

    form = response.context["adminform"].form
    assert sentence in " ".join(form.errors[field])
    assert agreement.evidence.count() == 1
    page = response.content.decode()
    code = field.split("-")[1]
    assert re.search(rf'data-beside="{code}"[^>]*\sopen', page)
    assert f'href="#id_{field}"' in page or f'href="#id_{field}_0"' in page


def test_evidence_stands_beside_its_fact_and_is_changed_and_removed_there(
    admin_client: Client,
) -> None:
    agreement = AgreementFactory(draft=True)
    signed, place = (
        EvidenceFactory(agreement=agreement, fact=fact)
        for fact in (EvidenceCode.SIGNED, EvidenceCode.PLACE)
    )

    page = admin_client.get(change_url(agreement)).content.decode()
    beside = page[page.index('data-beside="signed"') :]
    beside = beside[: beside.index("</details>")]
    assert f'name="evidence-0-id" value="{signed.pk}"' in beside
    assert f"Stated: {signed.source.publisher}" in beside
    assert '<input type="hidden" name="evidence-0-fact" value="signed"' in beside

    rows = [
        {"id": row.pk, "agreement": agreement.pk, "fact": row.fact, "source": row.source_id}
        for row in (signed, place)
    ]
    rows[0] |= {"basis": Basis.INFERRED, "note": "From the date of the article."}
    rows[1]["DELETE"] = "on"
    response = admin_client.post(
        change_url(agreement), agreement_form(of=agreement, stored_rows=2, evidence=rows)
    )

    assert response.status_code == 302
    assert list(agreement.evidence.values_list("fact", "basis")) == [("signed", Basis.INFERRED)]


def test_length_without_a_term_is_that_of_a_fixed_term(admin_client: Client) -> None:
    response = admin_client.post(ADD, agreement_form(term="3 years"))

    agreement = Agreement.objects.get()
    assert (agreement.term_kind, str(agreement.term)) == (TermKind.FIXED, "P3Y")
    said = [str(message) for message in get_messages(response.wsgi_request)]
    assert "Term: “Fixed term” is chosen, because there is a length." in said
    unsaid = agreement_form(of=agreement, term="3 years", term_kind=TermKind.UNKNOWN)
    refused = admin_client.post(change_url(agreement), unsaid)
    assert "A length goes with a fixed term or an automatic renewal." in refused.content.decode()


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"title": ""}, "title", "This field is required."),
        ({"signed": "31 February 2022"}, "signed", "February 2022 has 28 days"),
        ({"in_force": "sometime"}, "in_force", "sometime"),
        (
            {"term_kind": TermKind.FIXED, "term": "2401 months"},
            "term",
            "That is longer than 200 years",
        ),
        (
            {"term_kind": TermKind.FIXED, "term": "36"},
            "term",
            "“36” has no unit: write 36 months, 36 days or 36 years.",
        ),
        (
            {"term_kind": TermKind.FIXED, "renewal": "1 year"},
            None,
            "Only an agreement that is renewed automatically has a length of each renewal.",
        ),
        (
            {"term_kind": TermKind.INDEFINITE, "term": "1 year"},
            None,
            "A length goes with a fixed term or an automatic renewal.",
        ),
        (
            {"term_kind": TermKind.FIXED, "term": "20 years", "in_force": "2990"},
            "term",
            "The year 3010 is not between 1000 and 2999",
        ),
    ],
    ids=[
        "no title",
        "impossible day",
        "no date",
        "too long",
        "no unit",
        "renewal",
        "indefinite",
        "beyond",
    ],
)
def test_refused_form_names_the_field_and_keeps_what_was_typed(
    admin_client: Client, changes: dict[str, Any], field: str | None, sentence: str
) -> None:
    typed = {"summary": "Typed with care", "place": "Baku", **changes}

    response = admin_client.post(ADD, agreement_form(**typed))

    form = response.context["adminform"].form
    errors = form.errors[field] if field else form.non_field_errors()
    assert sentence in " ".join(errors)
    assert not Agreement.objects.exists()
    assert {name: form[name].value() for name in typed} == {
        name: str(value) if isinstance(value, int) else value for name, value in typed.items()
    }


def test_refused_page_names_every_error_with_a_link_to_its_field(admin_client: Client) -> None:
    party = PartyFactory()

    response = admin_client.post(
        ADD,
        agreement_form(
            title="",
            signed="31.02.2020",
            participations=[{"party": party.pk}, {"party": party.pk}],
            events=[{"kind": EventKind.MEETING, "date": "41 May 2022"}],
        ),
    )

    page = " ".join(response.content.decode().split())
    summary = page[page.index('class="error-summary"') : page.index('id="section-source"')]
    assert '<a href="#id_title">Title</a>: This field is required.' in summary
    assert '<a href="#id_signed">Signed</a>: February 2020 has 29 days' in summary
    assert '<a href="#id_events-0-date">Event 1: Date</a>' in summary
    assert '<a href="#participations-group">' in summary
    for target in ("id_title", "id_signed", "id_events-0-date", "participations-group"):
        assert f'id="{target}"' in page
    # below the object tools, which the page puts before its form
    assert page.index('id="agreement_form"') < page.index('class="error-summary"')


def test_page_without_errors_has_no_summary(admin_client: Client) -> None:
    assert "error-summary" not in admin_client.get(ADD).content.decode()


@pytest.mark.parametrize(
    ("fields", "is_needed"), [({}, True), ({"draft": True}, False)], ids=["published", "draft"]
)
def test_reason_stands_with_the_buttons_where_one_needs_it(
    client: Client, fields: dict[str, Any], is_needed: bool
) -> None:
    client.force_login(colleague(StaffRole.PUBLISHER))

    page = client.get(change_url(AgreementFactory(**fields))).content.decode()

    assert ('class="saving in-sight"' in page) is is_needed
    assert page.index('class="saving') < page.index('id="id_why"') < page.index("submit-row")


def test_event_entered_with_the_one_source_rests_on_it_unless_it_names_its_own(
    admin_client: Client,
) -> None:
    source, own = SourceFactory(), SourceFactory()
    events = [
        {"kind": EventKind.MEETING, "date": "2021"},
        {"kind": EventKind.MEETING, "date": "2022", "source": own.pk},
    ]

    admin_client.post(ADD, agreement_form(source=source.pk, events=events))

    assert [event.source for event in Agreement.objects.get().events.all()] == [source, own]


def test_event_rests_on_no_source_that_does_not_state_the_timeline(admin_client: Client) -> None:
    events = [{"kind": EventKind.MEETING, "date": "2021"}]

    admin_client.post(
        ADD,
        agreement_form(source=SourceFactory().pk, events=events, **{"rests-events": "not"}),
    )

    assert Agreement.objects.get().events.get().source is None


@pytest.mark.parametrize(
    ("typed", "shown", "stored"),
    [
        ("25.05.2022", "25 May 2022", "2022-05-25"),
        ("2023-10~", "about October 2023", "2023-10~"),
        ("2018?", "2018 (uncertain)", "2018?"),
        ("2020/2021", "2020 to 2021", "2020/2021"),
    ],
)
def test_date_is_shown_as_people_write_it_and_saved_unchanged(
    admin_client: Client, typed: str, shown: str, stored: str
) -> None:
    agreement = AgreementFactory()
    admin_client.post(change_url(agreement), agreement_form(of=agreement, signed=typed))

    form = admin_client.get(change_url(agreement)).context["adminform"].form
    admin_client.post(
        change_url(agreement), agreement_form(of=agreement, signed=form["signed"].value())
    )

    agreement.refresh_from_db()
    assert form["signed"].value() == shown
    assert str(agreement.signed) == stored


def test_script_is_told_what_a_date_means(admin_client: Client, django_user_model: Any) -> None:
    url = reverse("admin:agreements_agreement_read_date")
    typed = {
        "10.11.2026": ("Tuesday, 10 November 2026", ""),
        "avqust 2023": ("August 2023", ""),
        "": ("", ""),
        "31.02.2022": ("", "February 2022 has 28 days"),
        "x" * 500: ("", "This is longer than 100 characters"),
    }

    for date_typed, (said, refused) in typed.items():
        answer = admin_client.get(url, {"date": date_typed}).json()
        assert answer["said"] == said
        assert refused in answer["refused"]
    stranger = Client()
    stranger.force_login(django_user_model.objects.create_user("nobody", is_staff=True))
    assert stranger.get(url, {"date": "2022"}).status_code == 403


def test_refused_rows_keep_what_was_typed(admin_client: Client) -> None:
    party = PartyFactory(name="Ministry of Health")

    response = admin_client.post(
        ADD,
        agreement_form(
            participations=[{"party": party.pk}, {"party": party.pk}],
            events=[{"kind": EventKind.MEETING, "date": "41 May 2022"}],
        ),
    )

    page = response.content.decode()
    assert "This party is entered twice in the same role." in page
    assert "41 May 2022" in page
    assert page.count("Ministry of Health") >= 2
    assert not Agreement.objects.exists()


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (
            {"file": SimpleUploadedFile("text.pdf", b"<html>x</html>", "application/pdf")},
            "The content is: HTML File.",
        ),
        ({"file": SimpleUploadedFile("text.pdf", b"MZ" + bytes(99))}, "The content is: "),
        (
            {"file": SimpleUploadedFile("big.txt", b"x" * (25 * 1024 * 1024 + 1))},
            "the limit is 25.0",
        ),
        ({}, "Enter either a file or a URL, not both."),
        (
            {"file": pdf(), "address": "https://documents.example/text"},
            "Enter either a file or a URL, not both.",
        ),
    ],
    ids=["script", "program", "size", "neither", "both"],
)
def test_upload_is_refused(admin_client: Client, document: dict[str, Any], sentence: str) -> None:
    if "file" in document:
        document["file"].seek(0)
    row = {"kind": DocumentKind.SIGNED_TEXT, "title": "Text", **document}

    response = admin_client.post(ADD, agreement_form(documents=[row]))

    assert response.status_code == 200
    assert sentence in response.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert not Agreement.objects.exists()


def test_kept_file_is_linked_to_by_the_download_view_alone(
    admin_client: Client, settings: Any
) -> None:
    document = DocumentFactory(uploaded=True)

    page = admin_client.get(change_url(document.agreement)).content.decode()

    assert f'<a href="{document.get_absolute_url()}">text.pdf</a>' in page
    assert document.file.name not in page
    assert Path(document.file.path).is_relative_to(settings.DOCUMENTS_ROOT)


def test_address_takes_the_place_of_a_cleared_file(admin_client: Client) -> None:
    document = DocumentFactory(uploaded=True)
    row = {
        "id": document.pk,
        "agreement": document.agreement_id,
        "kind": document.kind,
        "title": document.title,
        "file-clear": "on",
        "address": "https://documents.example/text",
    }

    response = admin_client.post(
        change_url(document.agreement),
        agreement_form(of=document.agreement, stored_rows=1, documents=[row]),
    )

    document.refresh_from_db()
    assert response.status_code == 302
    assert (document.file.name, document.address) == ("", "https://documents.example/text")


def test_agreement_is_saved_although_the_store_lost_a_file(admin_client: Client) -> None:
    document = DocumentFactory(uploaded=True)
    Path(document.file.path).unlink()
    row = {
        "id": document.pk,
        "agreement": document.agreement_id,
        "kind": document.kind,
        "title": "Another title",
    }

    response = admin_client.post(
        change_url(document.agreement),
        agreement_form(of=document.agreement, stored_rows=1, documents=[row]),
    )

    document.refresh_from_db()
    assert response.status_code == 302
    assert (document.title, document.sha256) == ("Another title", PDF_SHA256)


def test_agreement_that_supersedes_itself_is_refused_and_kept_as_typed(
    admin_client: Client,
) -> None:
    agreement = AgreementFactory(signed="2022")

    response = admin_client.post(
        change_url(agreement),
        agreement_form(
            of=agreement,
            title="Typed before",
            relations_out=[{"kind": "supersedes", "target": agreement.pk}],
        ),
    )

    assert response.status_code == 200
    page = response.content.decode()
    assert "An agreement cannot be related to itself. Choose another one." in page
    assert "Typed before" in page


def test_odd_record_is_saved_and_warned_about(admin_client: Client) -> None:
    response = admin_client.post(ADD, agreement_form(signed="2022", in_force="2021"))

    agreement = Agreement.objects.get()
    shown = admin_client.get(change_url(agreement)).content.decode()
    sentence = "Entered into force: 2021 is before the signature, 2022. Check both dates."
    assert f"{agreement.ref}: {sentence}" in warnings_after(response)
    assert sentence in shown


def test_warnings_speak_of_the_rows_just_saved(admin_client: Client) -> None:
    parties = PartyFactory.create_batch(2, country="AZ")
    agreement = AgreementFactory(signed="2022", parties=parties, draft=True)
    first, second = agreement.participations.all()
    rows = [
        {"id": first.pk, "agreement": agreement.pk, "party": first.party_id},
        {"id": second.pk, "agreement": agreement.pk, "party": second.party_id, "DELETE": 1},
    ]

    response = admin_client.post(
        change_url(agreement),
        agreement_form(
            of=agreement,
            signed="2022",
            stored_rows=2,
            participations=rows,
            source=SourceFactory().pk,
            **{"rests-signed": "stated"},
        ),
    )

    assert warnings_after(response) == [
        f"{agreement.ref}: Parties: there is only one. Add the other, if it is known."
    ]


@time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC))
def test_page_says_where_the_agreement_stands(admin_client: Client) -> None:
    agreement = AgreementFactory(
        signed="2023-07-28", in_force="2023-07-28", term_kind=TermKind.FIXED, term_months=36
    )

    page = admin_client.get(change_url(agreement)).content.decode()

    assert agreement.ref in page
    standing = agreement.standing(date(2026, 11, 21))
    assert f">{standing.status.label}</b>" in page
    assert f"{capfirst(standing.reason)}." in page
    assert "28 July 2026" in page


@time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC))
def test_page_says_when_the_renewed_period_ends(admin_client: Client) -> None:
    agreement = AgreementFactory(
        in_force="2020-03-01", term_kind=TermKind.AUTOMATIC_RENEWAL, term_months=24
    )

    page = admin_client.get(change_url(agreement)).content.decode()

    assert "The current period ends 1 March 2028." in page


def sections_of(page: str) -> dict[str, bool]:
    """Return the sections on the page in their order, and whether each shows its content."""
    found = re.findall(r'<(section|details) class="[^"]*"\s+id="section-(\w+)"([^>]*)>', page)
    return {code: tag == "section" or "open" in rest for tag, code, rest in found}


def test_new_record_has_the_usual_sections_open_and_the_others_folded(
    admin_client: Client,
) -> None:
    page = admin_client.get(ADD).content.decode()

    shown = sections_of(page)
    assert list(shown) == [each.code for each in SECTIONS]
    assert [code for code, is_open in shown.items() if is_open] == [
        "source",
        "what",
        "signature",
        "term",
    ]
    assert page.index(">More sections<") < page.index('id="section-timeline"')


def test_sections_that_hold_something_or_are_refused_are_open(admin_client: Client) -> None:
    relation = RelationFactory()
    agreement = relation.agreement
    agreement.notice = "P90D"
    agreement.save()

    page = admin_client.get(change_url(agreement)).content.decode()
    assert {"related", "ending"} <= {code for code, is_open in sections_of(page).items() if is_open}
    assert sections_of(page)["timeline"] is sections_of(page)["legal"] is False
    target = admin_client.get(change_url(relation.target)).content.decode()
    assert sections_of(target)["related"] is True

    refused = admin_client.post(
        ADD, agreement_form(commitments=[{"due": "2023"}], terminated="never", stage_reported="?")
    )
    changed = re.findall(r'data-beside="(\w+)"[^>]*\sdata-changed', refused.content.decode())
    assert set(changed) == {"title", "kind", "stage", "terminated", "commitments"}
    shown = sections_of(refused.content.decode())
    assert (shown["commitments"], shown["ending"], shown["funding"]) == (True, True, False)
    assert re.search(r'<details class="rarely-used"\s+open>', refused.content.decode())


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("source", "Public"),
        ("what", "Public"),
        ("note", "Public"),
        ("commitments", "Internal, unless a row is marked as public"),
        ("documents", "Internal, unless a row is marked as public"),
        ("people", "Internal"),
        ("internal", "Internal"),
    ],
)
def test_section_says_who_sees_it(admin_client: Client, code: str, words: str) -> None:
    page = admin_client.get(ADD).content.decode()
    badge = page[page.index("seen-by", page.index(f'id="section-{code}"')) :].partition(">")[2]

    said = re.sub(r'<span aria-hidden="true">\w+</span>', "", badge.partition("\n")[0])
    assert re.sub("<[^>]+>", "", said).strip() == words


def test_relations_are_read_from_the_other_side(admin_client: Client) -> None:
    relation = RelationFactory(kind=RelationKind.SUPERSEDES)

    page = admin_client.get(change_url(relation.target)).content.decode()

    assert f'Superseded by: <a href="{change_url(relation.agreement)}">{relation.agreement}' in page


@pytest.mark.parametrize("publication", Publication)
def test_only_published_records_are_viewed_on_the_site(
    admin_client: Client, publication: Publication
) -> None:
    agreement = AgreementFactory(publication=publication)

    page = admin_client.get(change_url(agreement)).content.decode()

    offered = f'href="{agreement.get_absolute_url()}"' in page
    assert offered is (publication == Publication.PUBLISHED)


def test_who_may_only_look_sees_the_whole_page(client: Client, django_user_model: Any) -> None:
    reader = django_user_model.objects.create_user("reader", is_staff=True)
    reader.user_permissions.set(
        Permission.objects.filter(
            content_type__app_label="agreements", codename__startswith="view_"
        )
    )
    client.force_login(reader)
    document = DocumentFactory(uploaded=True)
    EvidenceFactory(agreement=document.agreement, fact=EvidenceCode.SIGNED, locator="line 7")

    page = client.get(change_url(document.agreement)).content.decode()

    assert document.agreement.title in page
    assert f'<a href="{document.get_absolute_url()}">text.pdf</a>' in page
    assert 'name="_save"' not in page
    assert "line 7" in page
    assert "rests-" not in page
    assert 'name="source"' not in page

"""A new agreement begun from another one, and agreements that a relation notes by title."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from reversion.models import Version

from agreements.domain.choices import Kind, Publication, RelationKind, TermKind
from agreements.domain.facts import EvidenceCode
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement
from tests.admin.sent import agreement_form
from tests.colleagues import colleague
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    PartyFactory,
    SignatoryFactory,
    SourceFactory,
)
from tests.forms import filled_in

pytestmark = pytest.mark.django_db
ADD = reverse("admin:agreements_agreement_add")


@pytest.fixture
def known() -> Agreement:
    agreement = AgreementFactory(
        title="On labour",
        kind=Kind.PROTOCOL,
        signed="2022-05-25~",
        place="Baku",
        term_kind=TermKind.FIXED,
        term_months=36,
        parties=PartyFactory.create_batch(2),
        areas=[AreaFactory(name="Labour")],
    )
    source = SourceFactory()
    for fact in (EvidenceCode.TITLE, EvidenceCode.SIGNED):
        EvidenceFactory(agreement=agreement, source=source, fact=fact)
    EvidenceFactory(agreement=agreement, fact=EvidenceCode.PLACE)
    SignatoryFactory(agreement=agreement, name="Ana Munteanu")
    EventFactory(agreement=agreement, source=source, date="2022-05")
    DocumentFactory(agreement=agreement)
    return agreement


def opened(client: Client, origin: Agreement, extent: str) -> dict[str, list[str]]:
    """Return what the page begun from a record would send."""
    response = client.get(ADD, {"from": origin.ref, "with": extent})
    assert response.status_code == 200
    return filled_in(response, "title")


def sent(client: Client, data: dict[str, Any], **more: Any) -> HttpResponse:
    return client.post(ADD, {**data, **more, "_save": "Save"})


def test_another_from_the_same_source_keeps_source_parties_date_kind_and_place(
    admin_client: Client, known: Agreement
) -> None:
    url = reverse("admin:agreements_agreement_change", args=[known.pk])
    page = filled_in(admin_client.get(url), "title")
    response = admin_client.post(url, {**page, "why": "Checked", "_another": "1"})
    assert response["Location"] == f"{ADD}?from={known.ref}&with=source"

    form = opened(admin_client, known, "source")

    main = known.evidence.filter(fact=EvidenceCode.TITLE).get().source
    assert (form["source"], form["kind"]) == ([str(main.pk)], [Kind.PROTOCOL])
    assert (form["signed"], form["place"]) == (["about 25 May 2022"], ["Baku"])
    assert [form[f"participations-{n}-party"][0] for n in range(2)] == [
        str(row.party_id) for row in known.participations.all()
    ]
    assert form["title"] == [""]
    assert "evidence-0-fact" not in form


def test_save_and_add_another_opens_an_empty_form(admin_client: Client, known: Agreement) -> None:
    begun = f"{ADD}?from={known.ref}&with=source&_changelist_filters=q%3Dlabour"
    page = filled_in(admin_client.get(begun), "title")

    response = admin_client.post(begun, {**page, "title": ["Another"], "_addanother": "1"})

    assert response["Location"] == f"{ADD}?_changelist_filters=q%3Dlabour"


def test_copy_holds_everything_but_what_belongs_to_the_record_itself(
    admin_client: Client, known: Agreement
) -> None:
    versions, before = Version.objects.count(), Agreement.objects.count()
    form = opened(admin_client, known, "all")
    assert (Version.objects.count(), Agreement.objects.count()) == (versions, before)

    assert sent(admin_client, form).status_code == 302

    copy = Agreement.objects.exclude(pk=known.pk).get()
    for name in ("title", "kind", "signed", "place", "term_kind", "term"):
        assert getattr(copy, name) == getattr(known, name)
    assert list(copy.areas.all()) == list(known.areas.all())
    assert copy.publication == Publication.DRAFT
    assert copy.signatories.get().name == "Ana Munteanu"
    assert copy.participations.count() == 2
    assert (copy.events.get().source, copy.events.get().kind) == (None, known.events.get().kind)
    for left_out in (copy.evidence, copy.documents, copy.identifiers, copy.publication_steps):
        assert not left_out.exists()


def facts_of_the_new(known: Agreement) -> set[str]:
    made = Agreement.objects.exclude(pk=known.pk).get()
    return set(made.evidence.values_list("fact", flat=True))


@pytest.mark.parametrize("kind", [Kind.PROTOCOL, Kind.MOU])
def test_what_another_from_the_same_source_keeps_rests_on_it(
    admin_client: Client, known: Agreement, kind: str
) -> None:
    form = opened(admin_client, known, "source")

    assert sent(admin_client, form, title="Second", kind=kind).status_code == 302

    # a kind that is the default rests on it like any other
    assert facts_of_the_new(known) == {"title", "kind", "stage", "parties", "signed", "place"}


def test_only_what_differs_in_a_copy_rests_on_the_source_chosen_for_it(
    admin_client: Client, known: Agreement
) -> None:
    form = {**opened(admin_client, known, "all"), "source": SourceFactory().pk}
    changed = {"kind": Kind.MOU, "signed": "26 May 2022", "signatories-0-name": "Ion Rusu"}

    refused = sent(admin_client, form, **changed, title="")
    assert sent(admin_client, filled_in(refused, "title"), title=known.title).status_code == 302

    assert facts_of_the_new(known) == {"kind", "signed", "signatories"}


def test_nothing_in_an_unchanged_copy_rests_on_the_source(
    admin_client: Client, known: Agreement
) -> None:
    form = opened(admin_client, known, "all")

    sent(admin_client, form, source=SourceFactory().pk, **{"rests-place": "stated"})

    assert facts_of_the_new(known) == {"place"}


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "AGR-9999", "with": "all"},
        {"from": "{ref}", "with": "secrets"},
        {"from": "{ref}"},
        {"from": "\0", "with": "all"},
        {"from": "' OR 1=1", "with": "all"},
    ],
)
def test_wrong_names_open_an_empty_form(
    admin_client: Client, known: Agreement, asked: dict[str, str]
) -> None:
    page = admin_client.get(ADD, {n: v.format(ref=known.ref) for n, v in asked.items()})

    assert page.status_code in (200, 400)
    assert b"On labour" not in page.content


def test_who_may_not_see_a_record_or_add_one_gets_nothing_of_it(
    client: Client, known: Agreement
) -> None:
    asked = {"from": known.ref, "with": "all"}
    client.force_login(colleague(StaffRole.READER))
    assert client.get(ADD, asked).status_code == 403
    client.force_login(User.objects.create_user("outsider", is_staff=True))
    assert client.get(ADD, asked).status_code == 403
    client.logout()
    assert client.get(ADD, asked).status_code == 302


# Stubs


def related(title: str, kind: str = RelationKind.AMENDS, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "target": "", "stub": title, **more}


def test_agreement_not_in_the_register_is_noted_once_as_a_draft_with_history(
    admin_client: Client,
) -> None:
    rows = [related("Convention of 1999"), related("convention  of 1999 ", RelationKind.TERMINATES)]

    admin_client.post(ADD, agreement_form(title="Protocol", relations_out=rows))

    protocol = Agreement.objects.get(title="Protocol")
    stub = Agreement.objects.exclude(pk=protocol.pk).get()
    assert (stub.title, stub.publication) == ("Convention of 1999", Publication.DRAFT)
    assert protocol.ref in stub.internal_notes
    assert {row.target for row in protocol.relations_out.all()} == {stub}
    assert Version.objects.get_for_object(stub).count() == 1


def test_title_that_the_register_has_names_that_agreement(admin_client: Client) -> None:
    known = AgreementFactory(title="Convention of 1999")

    admin_client.post(
        ADD, agreement_form(title="Protocol", relations_out=[related("CONVENTION OF 1999")])
    )

    assert Agreement.objects.count() == 2
    assert Agreement.objects.get(title="Protocol").relations_out.get().target == known


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([related("")], "Choose the other agreement, or type its title."),
        ([related("A"), related(" a ")], "has this relation twice. Remove one of the rows."),
        ([related("x" * 2001)], "at most 2000 characters"),
        ([related("A\0")], "Null characters are not allowed."),
    ],
)
def test_wrong_stubs_are_refused_and_kept(
    admin_client: Client, rows: list[dict[str, Any]], told: str
) -> None:
    page = admin_client.post(ADD, agreement_form(title="Protocol", relations_out=rows))

    assert page.status_code == 200
    assert told in page.content.decode()
    assert not Agreement.objects.exists()


def test_choice_and_title_together_are_refused(admin_client: Client) -> None:
    other = AgreementFactory(title="Other")
    rows = [related("Another title", target=other.pk)]

    page = admin_client.post(ADD, agreement_form(title="Protocol", relations_out=rows))

    assert "Choose the other agreement or type a title, not both." in page.content.decode()
    assert Agreement.objects.count() == 1


def test_row_that_names_its_agreement_by_title_again_is_a_duplicate(admin_client: Client) -> None:
    other = AgreementFactory(title="Other")
    rows = [related("", target=other.pk), related("Other")]

    page = admin_client.post(ADD, agreement_form(title="Protocol", relations_out=rows))

    assert "This relation has already been entered." in page.content.decode()
    assert Agreement.objects.count() == 1


def test_card_of_a_stub_notes_nothing(admin_client: Client) -> None:
    card = reverse("admin:agreements_agreement_card")

    said = admin_client.post(card, agreement_form(relations_out=[related("Convention")]))

    assert "is not public, so the page does not name it" in said.content.decode()
    assert not Agreement.objects.exists()

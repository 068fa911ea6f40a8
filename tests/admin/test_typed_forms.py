"""An untouched form, put together again from its fields alone, must change nothing when it is sent."""

from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from agreements.admin.typed_forms import names_of, put_rows, raw_of, rows_in
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    PartyFactory,
    PartyNameFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)

RECORDS: dict[str, Any] = {
    "agreement": lambda: AgreementFactory(
        signed="2023-10~", term_kind="fixed", term_months=36, areas=[AreaFactory(), AreaFactory()]
    ),
    "area": lambda: AreaFactory(parent=AreaFactory()),
    "commitment": lambda: CommitmentFactory(due="2026", reviewed="2026-01-31"),
    "document": lambda: DocumentFactory(is_public=False),
    "event": lambda: EventFactory(party=PartyFactory(), source=SourceFactory(), note="One\nTwo"),
    "evidence": EvidenceFactory,
    "party": lambda: PartyFactory(country="AZ", parent=PartyFactory()),
    "signatory": lambda: SignatoryFactory(party=PartyFactory()),
    "source": lambda: SourceFactory(published="2023-10-20", published_at="2023-10-20T13:54Z"),
}


def sent_by(form: Any) -> QueryDict:
    data = QueryDict(mutable=True)
    for bound in form:
        for name, values in raw_of(bound).items():
            assert name in names_of(bound)
            data.setlist(name, values)
    return data


@pytest.mark.django_db
@pytest.mark.parametrize("model", RECORDS)
def test_a_form_sends_what_it_shows(admin_client: Client, model: str) -> None:
    record = RECORDS[model]()
    address = reverse(f"admin:agreements_{model}_change", args=[record.pk])
    shown = admin_client.get(address).context["adminform"].form

    again = type(shown)(sent_by(shown), instance=type(record).objects.get(pk=record.pk))

    assert again.changed_data == []


@pytest.mark.django_db
def test_rows_send_what_they_show(admin_client: Client) -> None:
    agreement = AgreementFactory(parties=[PartyFactory()])
    for factory in (
        SignatoryFactory,
        EventFactory,
        CommitmentFactory,
        RelationFactory,
        EvidenceFactory,
    ):
        factory(agreement=agreement)
    party = PartyFactory()
    PartyNameFactory(party=party)

    for record in (agreement, party):
        model = record._meta.model_name
        address = reverse(f"admin:agreements_{model}_change", args=[record.pk])
        for inline in admin_client.get(address).context["inline_admin_formsets"]:
            for form in inline.formset.initial_forms:
                again = type(form)(
                    sent_by(form),
                    prefix=form.prefix,
                    instance=form.instance,
                    use_required_attribute=False,
                )
                assert [
                    name for name in again.changed_data if name not in ("id", "agreement", "party")
                ] == []


def test_rows_are_taken_apart_and_put_together_again() -> None:
    data = QueryDict(
        "rows-TOTAL_FORMS=3&rows-INITIAL_FORMS=2&rows-0-id=5&rows-0-name=a&rows-1-id=6&rows-1-name=b&rows-2-name=c"
        "&rows-2-areas=1&rows-2-areas=2&rows-evil=x&other-0-name=d",
        mutable=True,
    )

    stored, new = rows_in(data, "rows")
    put_rows(data, "rows", stored[1:], new)

    assert [row["name"] for row in (*stored, *new)] == [["a"], ["b"], ["c"]]
    assert (data["rows-TOTAL_FORMS"], data["rows-INITIAL_FORMS"]) == ("2", "1")
    assert (data["rows-0-id"], data["rows-0-name"], data["rows-1-name"]) == ("6", "b", "c")
    assert data.getlist("rows-1-areas") == ["1", "2"]
    assert "rows-2-name" not in data
    assert data["other-0-name"] == "d"


@pytest.mark.parametrize(
    "count", ["", "x", "-1", "9" * 40, "²"], ids=["empty", "word", "negative", "huge", "raised"]
)
def test_counts_that_nobody_would_send_do_no_harm(count: str) -> None:
    data = QueryDict(f"rows-INITIAL_FORMS={count}&rows-0-name=a")

    stored, new = rows_in(data, "rows")

    assert len(stored) + len(new) == 1

"""What staff enter in the admin is found at once, by themselves and by the public, and indexed in one go."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.models import Agreement
from tests.factories import AgreementFactory, PartyFactory, PartyNameFactory, SignatoryFactory
from tests.search.registers import assert_current

pytestmark = pytest.mark.django_db


def as_posted(response) -> dict[str, Any]:
    """The form of an admin page as a browser would send it back."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = {form[name].html_name: form[name].value() for form in forms for name in form.fields}
    return {
        name: [each.pk for each in value] if isinstance(value, list) else str(value)
        for name, value in values.items()
        if value is not None and value is not False
    }


@pytest.fixture
def change(admin_client):
    """A function that changes values of an admin page and saves it, and returns the queries to the index."""

    def change(row: Any, **values: str) -> list[str]:
        url = f"/admin/agreements/{row._meta.model_name}/{row.pk}/change/"
        posted = as_posted(admin_client.get(url)) | {"why": "The source says so"} | values
        with CaptureQueriesContext(connection) as captured:
            response = admin_client.post(url, posted)
        assert response.status_code == 302, response.context["errors"]
        return [q["sql"] for q in captured if 'agreements_searchentry"' in q["sql"]]

    return change


def test_form_of_an_agreement_is_indexed_once(change):
    agreement = AgreementFactory(title="Care", parties=[PartyFactory(), PartyFactory()])
    signatories = [SignatoryFactory(agreement=agreement) for _n in range(3)]
    names = {f"signatories-{n}-name": f"Renamed {n}" for n in range(len(signatories))}

    queries = change(agreement, title="Nursing", **names)

    assert len(queries) <= 3
    assert Agreement.objects.containing('"renamed 2" nursing').get() == agreement
    assert_current()


def test_form_of_a_party_is_indexed_once(change):
    party = PartyFactory(name="Ministry of Care")
    for _n in range(3):
        PartyNameFactory(party=party)
    agreement = AgreementFactory(parties=[party])

    queries = change(
        party, name="Ministry of Health", **{f"names-{n}-name": f"Nazirlik {n}" for n in range(3)}
    )

    assert len(queries) <= 3
    assert Agreement.objects.containing('"ministry of health" "nazirlik 2"').get() == agreement
    assert_current()


@pytest.mark.parametrize(
    "term", ["Şəki", "seki", "AGR-0001", "0001", "sheki -baku", '"sheki accord"']
)
def test_staff_search_all_records_in_any_spelling(admin_client, term):
    AgreementFactory(title="Şəki accord, Sheki accord", draft=True)
    AgreementFactory(title="Another")

    response = admin_client.get("/admin/agreements/agreement/", {"q": term})

    assert [row.ref for row in response.context["cl"].result_list] == ["AGR-0001"]


@pytest.mark.parametrize("term", ['"', "NEAR(", "*", "x" * 10_000, "(" * 500, "a:b ^c", "-"])
def test_staff_may_type_anything(admin_client, term):
    AgreementFactory()

    assert admin_client.get("/admin/agreements/agreement/", {"q": term}).status_code == 200

"""Registers and queries for tests that compare rows, counts and files for any query."""

from django.http import QueryDict
from hypothesis import strategies as st

from agreements.domain.choices import Kind, LegalNature
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    DocumentFactory,
    EvidenceFactory,
    PartyFactory,
)
from tests.selection.by_hand import TRIED

# Within a transaction, as in a test, every page reads the column store again with this many queries, whatever the number
# of rows. Outside a transaction it is kept from one request to the next.
COLUMNS = 8

# Any combination of values: repeated or left out, valid or contradictory.
QUERIES = st.fixed_dictionaries(
    {}, optional={name: values for name, (values, _holds) in TRIED.items()}
)


def query_dict(query: dict[str, object]) -> QueryDict:
    """Return generated values as a query string would contain them."""
    asked = QueryDict(mutable=True)
    for name, value in query.items():
        asked.setlist(name, value if isinstance(value, list) else [value])
    return asked


def make_varied_register() -> None:
    """Sixty agreements that differ in everything that filters look at, some of them drafts."""
    top = AreaFactory(slug="top")
    areas = [top, AreaFactory(slug="below", parent=top), AreaFactory(slug="other")]
    state = PartyFactory(slug="state", country="AZ", state=True)
    parties = [
        state,
        PartyFactory(slug="body", parent=state),
        PartyFactory(slug="partner", country="UZ"),
        PartyFactory(slug="another", country="JP"),
    ]
    dates = ["", "2010", "2015-06", "2018-02-03", "2018~", "2012/2019", "2020/..", "../2016"]
    stages = ["concluded", "concluded", "concluded", "proposed", "negotiation", "abandoned"]
    for n in range(60):
        agreement = AgreementFactory(
            title=f"{'Care' if n % 3 else 'Trade'} {n % 7}",
            kind=Kind.values[n % 3],
            legal_nature=LegalNature.values[n % 4],
            stage=stages[n % 6],
            signed=dates[n % 8],
            in_force=dates[(n // 2) % 8],
            term_kind="fixed" if n % 2 else "unknown",
            term_months=24 + n if n % 2 else None,
            terminated="2019-01-01" if n % 11 == 0 else "",
            parties=[parties[n % 4], parties[(n + 1 + n % 3) % 4]] if n % 10 else [],
            areas=[areas[n % 3]] if n % 5 else [],
            draft=n % 13 == 0,
        )
        for _source in range(n % 3):
            EvidenceFactory(agreement=agreement)
        if n % 9 == 0:
            DocumentFactory(agreement=agreement, kind="signed_text", is_public=bool(n % 2))

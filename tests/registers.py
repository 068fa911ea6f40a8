"""Registers and queries for tests that compare rows, counts and files for any query."""

from datetime import UTC, datetime

from django.http import QueryDict
from hypothesis import strategies as st

from agreements.domain.choices import Basis, Kind, LegalNature, PeriodKind
from agreements.models import Agreement, Person, PersonName, Signatory
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EvidenceFactory,
    IdentifierFactory,
    MembershipFactory,
    ParticipationFactory,
    PartyFactory,
    PeriodFactory,
    RelationFactory,
    SourceFactory,
)
from tests.selection.by_hand import TRIED

# Within a transaction, as in a test, every page reads the column store again with this many queries, whatever the number
# of rows. Outside a transaction it is kept from one request to the next.
COLUMNS = 12

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
    union = PartyFactory(slug="union", binds_members=True)
    MembershipFactory(organisation=union, member=PartyFactory(country="FR"), until="2015")
    MembershipFactory(organisation=union, member=PartyFactory(country="JP"), since="2016-05")
    parties.append(union)
    nigar = Person.objects.create(name="Nigar Aliyeva", slug="nigar-aliyeva")
    PersonName.objects.create(person=nigar, name="Н. Алиева")
    since = ["2011", "", "2013-05", ""]
    until = ["", "2019-06-29", "", "2012~"]
    dates = ["", "2010", "2015-06", "2018-02-03", "2018~", "2012/2019", "2020/..", "../2016"]
    stages = ["concluded", "concluded", "concluded", "proposed", "negotiation", "abandoned"]
    periods = [("2019", "2027"), ("", "2020-05"), ("2017-01-01", "2019-12-31"), ("2011", "")]
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
            stage_reported="2017-03" if n % 4 == 3 else "",
            place=("", "Tashkent", "Şəki", "New York", "York / Tashkent")[n % 5],
            subject=("", "POSTAL", "", "Fish & Chips")[n % 4],
            plurality_stated="multilateral" if n % 9 == 1 else "",
            notice="P30D" if n % 4 == 0 else None,
            minimum_term="P1Y" if n % 8 == 2 else None,
            text_availability="public" if n % 6 == 1 else "unknown",
            funding_amount=n if n % 7 == 1 else None,
            funding_currency="USD" if n % 7 == 1 else "",
            terminated="2019-01-01" if n % 11 == 0 else "",
            parties=[parties[n % 5], parties[(n + 1 + n % 3) % 5]] if n % 10 else [],
            areas=[areas[n % 3]] if n % 5 else [],
            draft=n % 13 == 0,
        )
        if n % 7 == 0:
            first, last = periods[n // 7 % 4]
            kind = PeriodKind.values[n // 7 % 4]
            PeriodFactory(agreement=agreement, kind=kind, first=first, last=last)
        if n % 3 == 0:
            ParticipationFactory(
                agreement=agreement,
                party=parties[n % 5],
                role="observer",
                in_force_from=since[n % 4],
                in_force_until=until[n % 4],
            )
        if n % 4 == 0 and (first := agreement.participations.first()):
            first.in_force_from, first.in_force_until = since[n % 3], until[n % 3]
            first.consent = "accession" if n % 8 else "ratification"
            first.save()
        if n % 6 == 1:
            is_known = n % 4 == 1
            Signatory.objects.create(
                agreement=agreement,
                name="Nigar Əliyeva" if is_known else ("Vüqar Əliyev", "Aiko Sato")[n % 5 == 1],
                title="Minister of Labour" if n % 5 else "",
                person=nigar if is_known else None,
            )
        for _source in range(n % 3):
            EvidenceFactory(agreement=agreement)
        _add_sources_and_relations(agreement, n)
        if n % 8 == 1:
            scheme = "un-registration" if n % 3 else "other"
            value = f"I-{n // 8 + 1}" if n % 3 else str(n // 8)
            IdentifierFactory(agreement=agreement, scheme=scheme, value=value)
        if n % 9 == 0:
            DocumentFactory(agreement=agreement, kind="signed_text", is_public=bool(n % 2))
        Agreement.objects.filter(pk=agreement.pk).update(
            updated_at=datetime(2026, 1 + n % 4, 1 + n % 28, 12, tzinfo=UTC)
        )


def _add_sources_and_relations(agreement: Agreement, n: int) -> None:
    if n % 6 == 2:
        source = SourceFactory(publisher=("Azernews", "Trend", "Trend Daily")[n // 6 % 3])
        EvidenceFactory(agreement=agreement, source=source, basis=Basis.values[n // 18 % 3])
        # the public does not see that there are commitments to rest on it
        EvidenceFactory(agreement=agreement, fact="commitments", basis="contradicted")
    if n % 7 == 3:
        CommitmentFactory(agreement=agreement, is_public=bool(n % 2))
    if n % 5 == 4:
        RelationFactory(agreement=agreement, target=Agreement.objects.all()[n - 4])

"""Two parties that are one body, with rows of every kind, and the contents of the whole register."""

from typing import Any, NamedTuple

from agreements.models import (
    Agreement,
    Commitment,
    Event,
    FormerPartySlug,
    Participation,
    Party,
    PartyName,
    Signatory,
    Succession,
)
from tests.factories import (
    AgreementFactory,
    CommitmentFactory,
    EventFactory,
    ParticipationFactory,
    PartyFactory,
    PartyNameFactory,
    SignatoryFactory,
)


class TwoParties(NamedTuple):
    kept: Party
    other: Party
    body: Party
    alone: Agreement
    shared: Agreement


def two_parties() -> TwoParties:
    """The other party takes part in one agreement alone, and in another one in the same role as the kept party."""
    state = PartyFactory(name="Azerbaijan", slug="azerbaijan", kind="state", country="AZ")
    kept = PartyFactory(name="Ministry of Labour", slug="labour", parent=state)
    other = PartyFactory(
        name="Labor Ministry",
        slug="labor",
        short_name="LM",
        parent=state,
        website="https://lm.example",
    )
    body = PartyFactory(name="Labour Inspectorate", slug="inspectorate", parent=other)
    PartyNameFactory(party=other, name="Əmək Nazirliyi")
    PartyNameFactory(party=other, name="Mehnat vazirligi", note="in one article")
    PartyNameFactory(party=kept, name="Mehnat vazirligi")
    other.slug = "labor-ministry"
    other.save()
    alone = AgreementFactory(
        title="On migration", parties=[other, PartyFactory(name="Ports Agency")]
    )
    # a published agreement, which must still have two parties after the merge
    shared = AgreementFactory(
        title="On pensions", parties=[kept, other, PartyFactory(name="Pension Fund")]
    )
    ParticipationFactory(agreement=shared, party=other, role="witness")
    SignatoryFactory(agreement=alone, party=other)
    EventFactory(agreement=alone, party=other)
    CommitmentFactory(agreement=shared, party=other)
    AgreementFactory(title="On inspections", parties=[body])
    return TwoParties(kept, other, body, alone, shared)


def contents() -> dict[str, Any]:
    """Everything about parties and where they are named, except ids that a merge and its undo may change."""
    rows = {
        "parties": Party.objects.values_list(
            "pk",
            "slug",
            "name",
            "short_name",
            "kind",
            "country",
            "website",
            "parent",
            "folded_name",
        ),
        "names": PartyName.objects.values_list(
            "party", "name", "kind", "language", "used_from", "used_until", "note"
        ),
        "successions": Succession.objects.values_list("predecessor", "successor", "date"),
        "slugs": FormerPartySlug.objects.values_list("slug", "row"),
        "participations": Participation.objects.values_list(
            "agreement", "party", "role", "position"
        ),
        **{
            model.__name__: model.objects.values_list("pk", "party")
            for model in (Signatory, Event, Commitment)
        },
    }
    return {name: sorted(map(str, values)) for name, values in rows.items()}

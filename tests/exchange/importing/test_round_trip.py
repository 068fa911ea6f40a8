"""The register imports its own exports without a change, whatever they contain, and applies what was edited in them."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from agreements.domain.choices import (
    Basis,
    Consent,
    Ended,
    EventKind,
    Kind,
    LegalNature,
    PeriodKind,
    Progress,
    Publication,
    RelationKind,
    Role,
    Stage,
    TermKind,
    TextAvailability,
)
from agreements.domain.facts import EvidenceCode
from agreements.models import Agreement, Party, Signatory, search_refreshed_once
from tests.exchange.importing.files import awkward, counts, exported, imported, looked_at, remedies
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    IdentifierFactory,
    LanguageVersionFactory,
    ParticipationFactory,
    PartyFactory,
    PeriodFactory,
    PersonFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db
FORMS = ("csv", "xlsx", "json")
DATES = (
    "",
    "2023",
    "2023-08",
    "2022-05-25",
    "2023-10~",
    "2018?",
    "2020%",
    "2020/2021",
    "2020/..",
    "../1999",
    "1850-02-28",
    "1900-01-15",
)


def a_register(seed: int, size: int = 30) -> None:
    """Agreements of every kind, with awkward texts, namesakes among the parties, and drafts."""
    choose = random.Random(seed)
    plain = lambda text: ";" not in text and text.strip()  # noqa: E731
    parties = [PartyFactory(name=awkward(choose, allow=plain)[:200]) for _n in range(12)]
    parties += [PartyFactory(name="Ministry of Labour", country=code) for code in ("AZ", "UZ")]
    areas = [AreaFactory() for _n in range(5)]
    sources = [SourceFactory(title=awkward(choose).strip() or "t", url="") for _n in range(4)]
    sources += [SourceFactory(url=f"https://n.example/{n}?a=1;b=2") for n in range(4)]
    made: list[Agreement] = []
    with search_refreshed_once():
        for _n in range(size):
            made.append(an_agreement(choose, parties, areas, sources, made))


def an_agreement(
    choose: random.Random, parties: Any, areas: Any, sources: Any, made: Any
) -> Agreement:
    term = choose.choice(TermKind.values)
    agreement = AgreementFactory(
        title=awkward(choose) if choose.random() < 0.95 else "t" * 2000,
        summary=choose.choice(["", awkward(choose)]),
        place=choose.choice(["", awkward(choose)])[:200],
        kind=choose.choice(Kind.values),
        legal_nature=choose.choice(LegalNature.values),
        stage=choose.choice(Stage.values),
        term_kind=term,
        term_months=36 if term in ("fixed", "automatic_renewal") else None,
        notice_days=choose.choice([None, 0, 90]),
        publication=choose.choice(Publication.values),
        public_notes=choose.choice(["", awkward(choose)]),
        text_availability=choose.choice(TextAvailability.values),
        **{
            name: choose.choice(DATES)
            for name in ("stage_reported", "signed", "in_force", "expires_stated", "terminated")
        },
        areas=choose.sample(areas, choose.randint(0, 3)),
    )
    for position, party in enumerate(choose.sample(parties, choose.randint(0, 4))):
        role = choose.choice(Role.values)
        over_time = {}
        if choose.random() < 0.3:
            over_time = {
                "name_as_signed": awkward(choose)[:255],
                "signed": choose.choice(DATES),
                "consent": choose.choice(["", *Consent.values]),
                "consented": choose.choice(DATES),
                "in_force_until": choose.choice(DATES[1:]),
                "ended_by": choose.choice(Ended.values),
                "provisional_from": choose.choice(DATES),
                "reservations": awkward(choose),
            }
        ParticipationFactory(
            agreement=agreement, party=party, role=role, position=position, **over_time
        )
    for position in range(choose.randint(0, 2)):
        name = f"{awkward(choose, allow=lambda text: ';' not in text)} {position}"
        SignatoryFactory(
            agreement=agreement,
            name=name,
            title="Minister",
            position=position,
            signed=choose.choice(DATES),
            party=choose.choice(parties),
            second_party=choose.choice([None, *parties]),
            person=PersonFactory() if choose.random() < 0.3 else None,
        )
    for source in choose.sample(sources, choose.randint(0, 3)):
        EvidenceFactory(
            agreement=agreement,
            source=source,
            fact=choose.choice(EvidenceCode.values),
            basis=choose.choice(Basis.values),
            note=awkward(choose),
        )
    if choose.random() < 0.5:
        EventFactory(
            agreement=agreement,
            kind=choose.choice(EventKind.values),
            date=choose.choice(DATES),
            party=choose.choice(parties),
            source=choose.choice(sources),
        )
        CommitmentFactory(
            agreement=agreement, due=choose.choice(DATES), progress=choose.choice(Progress.values)
        )
        document = DocumentFactory(agreement=agreement, is_public=choose.random() < 0.5)
        EvidenceFactory(agreement=agreement, source=None, document=document)
        CommitmentFactory(agreement=agreement, is_public=False)
        value = f"{awkward(choose)[:150].strip()} {agreement.pk}"
        scheme = choose.choice(["un-registration", "celex", "imported-row"])
        IdentifierFactory(agreement=agreement, scheme=scheme, value=value)
        IdentifierFactory(agreement=agreement, scheme="other", value=f"a: b; c {agreement.pk}")
        for language in choose.sample(["az", "sr-Latn", "zh-Hant"], 2):
            LanguageVersionFactory(agreement=agreement, language=language, title=awkward(choose))
        PeriodFactory(
            agreement=agreement,
            kind=choose.choice(PeriodKind.values),
            first="2020-05",
            last=choose.choice(["", "2021"]),
            by=choose.choice([None, *made]),
            note=awkward(choose)[:500],
        )
    if made:
        RelationFactory(
            agreement=agreement, target=choose.choice(made), kind=choose.choice(RelationKind.values)
        )
    return agreement


@pytest.mark.parametrize("seed", range(4))
def test_its_own_files_change_nothing(tmp_path: Path, seed: int) -> None:
    a_register(seed)

    for form in FORMS:
        run, outcome = looked_at(exported(tmp_path, form))

        assert remedies(outcome) == ""
        assert counts(run) == {"unchanged": 30}
        assert run.notes == []


def test_a_large_register_is_compared_in_few_queries(
    tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    a_register(1, size=60)

    for form in FORMS:
        path = exported(tmp_path, form)
        with django_assert_max_num_queries(40):
            run, _outcome = looked_at(path)
        assert counts(run) == {"unchanged": 60}


def test_what_is_said_over_time_is_imported_and_left_alone_if_the_file_does_not_mention_it(
    tmp_path: Path,
) -> None:
    agreement, person = AgreementFactory(parties=[PartyFactory()]), PersonFactory()
    row = ParticipationFactory(
        agreement=agreement, party=PartyFactory(), consent="accession", in_force_until="2009-08-18"
    )
    signatory = SignatoryFactory(agreement=agreement)
    path = exported(tmp_path, "json")
    content = json.loads(path.read_text(encoding="utf-8"))
    [_plain, party] = content["agreements"][0]["parties"]
    party["reservations"] = "None"
    del party["consent"], party["in_force_until"]
    content["agreements"][0]["signatories"][0]["person"] = person.slug
    path.write_text(json.dumps(content), encoding="utf-8")

    imported(path)

    row.refresh_from_db()
    signatory.refresh_from_db()
    said = (row.consent, str(row.in_force_until), row.reservations)
    assert said == ("accession", "2009-08-18", "None")
    assert str(row.last_day) == "2009-08-18"
    assert signatory.person == person


def test_further_parties_of_a_signatory_are_created_with_the_record(tmp_path: Path) -> None:
    union, euratom, coal = (
        PartyFactory(slug=slug, name=name)
        for slug, name in (("eu", "European Union"), ("euratom", "Euratom"), ("ecsc", "Coal"))
    )
    agreement = AgreementFactory(parties=[union, euratom])
    SignatoryFactory(agreement=agreement, party=union, second_party=euratom, third_party=coal)
    path = exported(tmp_path, "json")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["agreements"][0]["ref"] = None
    path.write_text(json.dumps(content), encoding="utf-8")
    Agreement.objects.all().delete()
    Party.objects.all().delete()

    imported(path, creates_parties=True)

    [signatory] = Signatory.objects.all()
    assert [party.slug for party in signatory.signed_for] == ["eu", "euratom", "ecsc"]
    assert signatory.second_party.name == "Euratom"  # type: ignore[union-attr]


def test_an_unknown_person_is_refused(tmp_path: Path) -> None:
    SignatoryFactory(agreement=AgreementFactory(parties=[PartyFactory()]))
    path = exported(tmp_path, "json")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["agreements"][0]["signatories"][0]["person"] = "nobody"
    path.write_text(json.dumps(content), encoding="utf-8")

    _run, outcome = looked_at(path)

    assert "“nobody” is not in the register" in remedies(outcome)

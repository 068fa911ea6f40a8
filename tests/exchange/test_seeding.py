"""Seeding: loads what ships with the register, and never overrides what its staff have done."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import models

from agreements.domain.facts import EvidenceCode
from agreements.exchange.seeding import FixtureError, Outcome, Result, read, seed, state_of
from agreements.models import (
    Agreement,
    Area,
    Commitment,
    Event,
    Evidence,
    Participation,
    Party,
    PartyName,
    Relation,
    SeededRecord,
    Signatory,
    Source,
)
from agreements.models.records import RECORDS as ROWS_OF_RECORDS
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    DocumentFactory,
    EvidenceFactory,
    PartyFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db

SHIPPED = [
    Path(settings.BASE_DIR) / "fixtures" / name
    for name in ("areas.json", "azernews.json", "further.json")
]
MODELS = (
    Area,
    Party,
    PartyName,
    Source,
    Agreement,
    Participation,
    Signatory,
    Event,
    Commitment,
    Evidence,
    Relation,
    SeededRecord,
)

Row = dict[str, Any]


def row(model: str, **fields: Any) -> Row:
    return {"model": f"agreements.{model}", "fields": fields}


SMALL: list[Row] = [
    row("area", slug="health", name="Health"),
    row("party", slug="utopia", name="Utopia", kind="state"),
    row("partyname", party=["utopia"], name="Republic of Utopia"),
    row("party", slug="erewhon", name="Erewhon", kind="state"),
    row("source", slug="gazette", publisher="Gazette", url="https://gazette.example/1"),
    row(
        "agreement",
        ref="AGR-0007",
        title="Treaty of the Isles",
        kind="treaty",
        areas=[["health"]],
        signed="2020-05",
        in_force="2020-06-01",
        term_kind="fixed",
        term="P2Y",
        publication="published",
    ),
    row("participation", agreement=["AGR-0007"], party=["utopia"], position=0),
    row("participation", agreement=["AGR-0007"], party=["erewhon"], position=1),
    row("signatory", agreement=["AGR-0007"], name="Raphael", party=["utopia"]),
    row("event", agreement=["AGR-0007"], kind="approved", date="2020-04", source=["gazette"]),
    row("evidence", agreement=["AGR-0007"], fact="title", source=["gazette"]),
    row("evidence", agreement=["AGR-0007"], fact="signed", source=["gazette"], locator="page 2"),
]
RECORDS = ["health", "utopia", "erewhon", "gazette", "AGR-0007"]

WriteFixture = Callable[[list[Row]], Path]


@pytest.fixture
def write(tmp_path: Path) -> WriteFixture:
    """A function that writes rows into the one fixture file of the test."""

    def write(rows: list[Row]) -> Path:
        path = tmp_path / "records.json"
        path.write_text(json.dumps(rows), encoding="utf-8")
        return path

    return write


def improved(rows: list[Row], model: str, key: str, **changes: Any) -> list[Row]:
    """The same rows, with other values in the row of this model that holds `key` in its first field."""
    return [
        {**each, "fields": {**each["fields"], **changes}}
        if each["model"] == f"agreements.{model}" and key in list(each["fields"].values())[:1]
        else each
        for each in rows
    ]


def without(rows: list[Row], **fields: Any) -> list[Row]:
    return [each for each in rows if not fields.items() <= each["fields"].items()]


def outcomes(results: list[Result]) -> dict[str, str]:
    return {result.record.key: result.outcome.value for result in results}


def treaty() -> Agreement:
    return Agreement.objects.get(ref="AGR-0007")


def everything() -> dict[type[models.Model], list[Row]]:
    """Every value of every row that a seeding could write."""
    return {model: list(model._default_manager.order_by("pk").values()) for model in MODELS}


# ------------------------------------------------------------------ the first run and the next


def test_first_run_loads_all_that_ships() -> None:
    results = seed(SHIPPED)

    assert Counter(result.outcome for result in results) == {Outcome.CREATED: 66}
    assert (Area.objects.count(), Party.objects.count(), Source.objects.count()) == (32, 16, 9)
    assert Agreement.objects.published().count() == 9
    assert AgreementFactory().ref == "AGR-0010"


def test_second_run_changes_nothing() -> None:
    seed(SHIPPED)
    before = everything()

    results = seed(SHIPPED)

    assert {result.outcome for result in results} == {Outcome.UNCHANGED}
    assert everything() == before


def test_records_are_loaded_with_all_that_belongs_to_them(write: WriteFixture) -> None:
    results = seed([write(SMALL)])

    agreement = Agreement.objects.get(ref="AGR-0007")
    assert outcomes(results) == dict.fromkeys(RECORDS, "created")
    assert [str(row) for row in agreement.participations.all()] == ["Utopia", "Erewhon"]
    assert [area.slug for area in agreement.areas.all()] == ["health"]
    assert agreement.signatories.get().party.names.get().name == "Republic of Utopia"
    assert agreement.events.get().source.publisher == "Gazette"
    assert agreement.evidence.count() == 2


def test_what_follows_from_other_fields_is_filled(write: WriteFixture) -> None:
    seed([write(SMALL)])

    agreement = Agreement.objects.get(ref="AGR-0007")
    assert str(agreement.expires) == "2022-06-01"
    assert agreement.expires_latest.isoformat() == "2022-06-01"
    assert agreement.signed_latest.isoformat() == "2020-05-31"
    assert agreement.verification == "single_source"
    assert agreement.updated_at - agreement.created_at < timedelta(seconds=1)


def test_next_new_agreement_follows_those_loaded(write: WriteFixture) -> None:
    seed([write(SMALL)])

    assert AgreementFactory().ref == "AGR-0008"


def test_reference_of_a_removed_record_is_not_given_again(write: WriteFixture) -> None:
    seed([write(SMALL)])
    treaty().delete()

    seed([write(SMALL)])

    assert AgreementFactory().ref == "AGR-0008"


def test_dry_run_says_the_same_and_writes_nothing(write: WriteFixture) -> None:
    before = everything()

    results = seed([write(SMALL)], dry_run=True)

    assert outcomes(results) == dict.fromkeys(RECORDS, "created")
    assert everything() == before
    assert AgreementFactory().ref == "AGR-0001"


# ------------------------------------------------------------------ what staff have done


def change(model: type[models.Model], lookup: Row, **values: Any) -> Callable[[], None]:
    """An edit by somebody who opens this row and saves it with other values."""

    def edit() -> None:
        found = model._default_manager.get(**lookup)
        for name, value in values.items():
            setattr(found, name, value)
        found.save()

    return edit


def remove(model: type[models.Model], **lookup: Any) -> Callable[[], None]:
    return lambda: model._default_manager.get(**lookup).delete() and None


EDITS = [
    pytest.param(
        "AGR-0007",
        change(Agreement, {"ref": "AGR-0007"}, title="Treaty of the Islands"),
        id="title",
    ),
    pytest.param(
        "AGR-0007", change(Agreement, {"ref": "AGR-0007"}, signed="2020-05-03"), id="partial date"
    ),
    pytest.param(
        "AGR-0007", change(Agreement, {"ref": "AGR-0007"}, in_force=None), id="date emptied"
    ),
    pytest.param(
        "AGR-0007", change(Agreement, {"ref": "AGR-0007"}, publication="withdrawn"), id="withdrawn"
    ),
    pytest.param(
        "AGR-0007",
        change(Agreement, {"ref": "AGR-0007"}, internal_notes="Ask them."),
        id="field that the fixture leaves out",
    ),
    pytest.param("AGR-0007", lambda: treaty().areas.clear(), id="area taken off"),
    pytest.param("AGR-0007", lambda: treaty().areas.add(AreaFactory()), id="area added"),
    pytest.param(
        "AGR-0007",
        change(Signatory, {"name": "Raphael"}, title="Traveller"),
        id="signatory edited",
    ),
    pytest.param(
        "AGR-0007",
        change(Participation, {"party__slug": "erewhon"}, position=7),
        id="order of parties",
    ),
    pytest.param("AGR-0007", remove(Evidence, fact=EvidenceCode.SIGNED), id="evidence removed"),
    pytest.param(
        "AGR-0007",
        lambda: EvidenceFactory(agreement=treaty()) and None,
        id="evidence added",
    ),
    pytest.param(
        "AGR-0007",
        lambda: DocumentFactory(agreement=treaty()) and None,
        id="document added",
    ),
    pytest.param(
        "AGR-0007",
        lambda: (
            Relation.objects.create(agreement=treaty(), kind="amends", target=AgreementFactory())
            and None
        ),
        id="relation added",
    ),
    pytest.param("utopia", change(Party, {"slug": "utopia"}, short_name="U"), id="party edited"),
    pytest.param("utopia", remove(PartyName, name="Republic of Utopia"), id="name removed"),
    pytest.param("health", change(Area, {"slug": "health"}, name="Public health"), id="area"),
    pytest.param("gazette", change(Source, {"slug": "gazette"}, author="A. Scribe"), id="source"),
]

# SMALL with a change in every record.
IMPROVED = improved(
    improved(
        improved(
            improved(
                improved(SMALL, "area", "health", description="Medical care."),
                "party",
                "utopia",
                website="https://utopia.example/",
            ),
            "party",
            "erewhon",
            website="https://erewhon.example/",
        ),
        "source",
        "gazette",
        title="No. 1",
    ),
    "agreement",
    "AGR-0007",
    summary="On the isles.",
)


@pytest.mark.parametrize(("key", "edit"), EDITS)
def test_edited_record_is_kept(key: str, edit: Callable[[], None], write: WriteFixture) -> None:
    seed([write(SMALL)])
    edit()
    record = next(record for record in read(write(SMALL)) if record.key == key)
    edited = state_of(record.stored.get())

    same, newer = seed([write(SMALL)]), seed([write(IMPROVED)])

    assert outcomes(same) == dict.fromkeys(RECORDS, "unchanged") | {key: "kept"}
    assert outcomes(newer) == dict.fromkeys(RECORDS, "changed") | {key: "kept"}
    assert state_of(record.stored.get()) == edited


def test_removed_records_are_not_brought_back(write: WriteFixture) -> None:
    seed([write(SMALL)])
    Agreement.objects.all().delete()
    Party.objects.get(slug="erewhon").delete()

    results = seed([write(IMPROVED)])

    assert outcomes(results) == dict.fromkeys(RECORDS, "changed") | {
        "AGR-0007": "kept",
        "erewhon": "kept",
    }
    assert not Agreement.objects.exists()
    assert not Party.objects.filter(slug="erewhon").exists()


def test_record_that_staff_entered_first_is_left_alone(write: WriteFixture) -> None:
    AgreementFactory(ref="AGR-0007", title="Ours")
    AreaFactory(slug="health", name="Our health")

    results = seed([write(SMALL)])

    assert outcomes(results) == dict.fromkeys(RECORDS, "created") | {
        "AGR-0007": "kept",
        "health": "kept",
    }
    assert Agreement.objects.get().title == "Ours"
    assert Area.objects.get().name == "Our health"


def test_saving_without_a_change_is_no_edit(write: WriteFixture) -> None:
    seed([write(SMALL)])
    for model in (Area, Party, Source, Agreement, Signatory):
        for each in model._default_manager.all():
            each.save()

    assert outcomes(seed([write(IMPROVED)])) == dict.fromkeys(RECORDS, "changed")


def test_being_mentioned_elsewhere_is_no_edit(write: WriteFixture) -> None:
    """A user's own agreement supersedes ours, and uses a party and a source of ours."""
    seed([write(SMALL)])
    newer = AgreementFactory(
        parties=[Party.objects.get(slug="utopia")], areas=[Area.objects.get()], signed="2021-01-05"
    )
    EvidenceFactory(agreement=newer, source=Source.objects.get())
    Relation.objects.create(agreement=newer, kind="supersedes", target=treaty())
    PartyFactory(parent=Party.objects.get(slug="utopia"))

    results = seed([write(IMPROVED)])

    assert outcomes(results) == dict.fromkeys(RECORDS, "changed")
    assert treaty().superseded_on.isoformat() == "2021-01-05"


# ------------------------------------------------------------------ fixtures that improved


def test_untouched_record_is_brought_up_to_date(write: WriteFixture) -> None:
    seed([write(SMALL)])
    before = treaty()
    rows = improved(SMALL, "agreement", "AGR-0007", summary="On the isles.", in_force="")

    results = seed([write(rows)])

    agreement = treaty()
    assert outcomes(results) == dict.fromkeys(RECORDS, "unchanged") | {"AGR-0007": "changed"}
    assert (agreement.summary, agreement.in_force, agreement.expires) == (
        "On the isles.",
        None,
        None,
    )
    assert (agreement.pk, agreement.created_at) == (before.pk, before.created_at)
    assert agreement.updated_at > before.updated_at


def test_rows_that_the_fixture_lost_are_removed(write: WriteFixture) -> None:
    seed([write(SMALL)])
    rows = without(without(SMALL, name="Raphael"), fact="signed")

    seed([write(rows)])

    assert not Signatory.objects.exists()
    assert [row.fact for row in Evidence.objects.all()] == ["title"]


def test_fields_that_the_fixture_lost_are_emptied(write: WriteFixture) -> None:
    seed([write(SMALL)])
    bare = [
        row("agreement", ref="AGR-0007", title="Treaty of the Isles")
        if each["model"] == "agreements.agreement"
        else each
        for each in without(without(SMALL, fact="title"), fact="signed")
    ]

    seed([write(bare)])

    agreement = treaty()
    assert not agreement.areas.exists()
    assert (agreement.signed, agreement.term, agreement.publication) == (None, None, "draft")


def test_verification_follows_what_the_fixture_says_now(write: WriteFixture) -> None:
    seed([write(SMALL)])

    rows = without(without(SMALL, fact="title"), fact="signed")
    # a published record would have to keep a source
    seed([write(improved(rows, "agreement", "AGR-0007", publication="draft"))])

    assert treaty().verification == "unverified"


def test_supersession_outlasts_an_improvement(write: WriteFixture) -> None:
    """It follows from another agreement, which the fixture does not contain."""
    rows = without(without(SMALL, fact="title"), fact="signed")
    seed([write(rows)])
    newer = AgreementFactory(signed="2021-01-05")
    Relation.objects.create(agreement=newer, kind="supersedes", target=treaty())

    seed([write(improved(rows, "agreement", "AGR-0007", summary="On the isles."))])

    assert treaty().summary
    assert treaty().superseded_on.isoformat() == "2021-01-05"


def test_record_that_left_the_fixture_stays(write: WriteFixture) -> None:
    seed([write(SMALL)])

    results = seed([write(SMALL[:1])])

    assert outcomes(results) == {"health": "unchanged"}
    assert Agreement.objects.count() == 1


def test_second_run_after_an_improvement_changes_nothing(write: WriteFixture) -> None:
    seed([write(SMALL)])
    seed([write(IMPROVED)])
    before = everything()

    results = seed([write(IMPROVED)])

    assert outcomes(results) == dict.fromkeys(RECORDS, "unchanged")
    assert everything() == before


# ------------------------------------------------------------------ what cannot be loaded


def test_mention_of_something_removed_is_refused_and_the_rest_loaded(write: WriteFixture) -> None:
    seed([write(SMALL[:5])])
    Party.objects.get(slug="erewhon").delete()

    results = seed([write(SMALL)])

    assert outcomes(results)["AGR-0007"] == "refused"
    assert "erewhon" in str(results[-1])
    assert not Agreement.objects.exists()
    assert not SeededRecord.objects.filter(key="AGR-0007").exists()


def test_source_whose_address_staff_have_entered_is_refused(write: WriteFixture) -> None:
    SourceFactory(slug="our-gazette", url="https://gazette.example/1")

    results = seed([write(SMALL)])

    assert outcomes(results) == dict.fromkeys(RECORDS, "created") | {
        "gazette": "refused",
        "AGR-0007": "refused",
    }
    assert "already a source with this URL" in str(results[3])


def test_refused_replacement_leaves_the_record_whole(write: WriteFixture) -> None:
    seed([write(SMALL)])
    before = everything()

    results = seed([write(improved(SMALL, "agreement", "AGR-0007", kind="pamphlet"))])

    assert outcomes(results)["AGR-0007"] == "refused"
    assert everything() == before


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "cannot be read", id="empty"),
        pytest.param("[{]", "cannot be read", id="no JSON"),
        pytest.param("\xff", "cannot be read", id="no UTF-8"),
        pytest.param('{"model": "agreements.area"}', "does not contain a list", id="no list"),
        pytest.param("[1]", "row 1", id="a row that is none"),
        pytest.param('[{"model": "agreements.area"}]', "row 1", id="a row without fields"),
        pytest.param('[{"model": "auth.user", "fields": {}}]', "row 1", id="no model of records"),
        pytest.param(
            json.dumps([SMALL[0], row("participation", agreement=["AGR-0007"])]),
            "row 2",
            id="a part before its record",
        ),
        pytest.param(json.dumps([SMALL[0], SMALL[0]]), "row 2", id="a record twice"),
        pytest.param(
            json.dumps([row("area", slug=["health"])]), "row 1", id="a key that is no text"
        ),
    ],
)
def test_what_is_no_fixture_is_refused_before_anything_is_written(
    text: str, why: str, tmp_path: Path, write: WriteFixture
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_bytes(text.encode("latin-1"))

    with pytest.raises(FixtureError, match=why):
        seed([write(SMALL), broken])

    assert not Area.objects.exists()


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FixtureError, match=r"nowhere\.json"):
        read(tmp_path / "nowhere.json")


# ------------------------------------------------------------------ what counts as a record


# A relation to the record is an edit of the other record, and its former slugs follow from its own edits. The rest is
# what was done with the record, not what it says.
NO_PART_OF_IT = {
    "relations_in",
    "former_slugs",
    "proposals",
    "publication_steps",
    "changes",
    "alike_earlier",
    "alike_later",
    "follows",
    "sightings",
    "reminders",
}


def test_everything_that_goes_with_a_record_belongs_to_it() -> None:
    """A new kind of row under an agreement must be seen as an edit, and replaced with it."""
    for model, rows in ROWS_OF_RECORDS.items():
        goes_with_it = {
            relation.get_accessor_name()
            for relation in model._meta.related_objects
            if relation.on_delete is models.CASCADE
        }
        assert goes_with_it - NO_PART_OF_IT == set(rows), model

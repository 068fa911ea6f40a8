"""Identifiers, language versions and internal rows in files: what is edited is taken over, and what is hidden stays."""

import json
from pathlib import Path
from typing import Any

import pytest

from agreements.domain.facts import EvidenceCode
from agreements.models import Agreement
from tests.exchange.importing.files import counts, csv_file, exported, imported, looked_at, remedies
from tests.exchange.importing.test_own_files import edited
from tests.factories import (
    AgreementFactory,
    CommitmentFactory,
    DocumentFactory,
    EvidenceFactory,
    IdentifierFactory,
    LanguageVersionFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db

PROFILE = """
[identifier]
scheme = "min-register"
column = "No"

[[identifiers]]
scheme = "celex"
column = "CELEX"

[[identifiers]]
scheme = "doi"
column = "DOI"

[fields]
title = "Title"
"""


@pytest.fixture
def agreement() -> Agreement:
    agreement = AgreementFactory(ref="AGR-0001", draft=True)
    IdentifierFactory(agreement=agreement, scheme="celex", value="32016R0679")
    IdentifierFactory(agreement=agreement, scheme="other", value="a: b; c")
    IdentifierFactory(agreement=agreement, scheme="imported-row", value="digest")
    LanguageVersionFactory(
        agreement=agreement, language="az", status="authentic", prevails=True, title="Saziş"
    )
    LanguageVersionFactory(agreement=agreement, language="ru")
    return agreement


def identifiers(agreement: Agreement) -> list[str]:
    return [str(row) for row in agreement.identifiers.all()]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_edited_cells_change_identifiers_and_languages(
    tmp_path: Path, agreement: Agreement, form: str
) -> None:
    def edit(row: dict[str, Any]) -> None:
        assert (row["identifiers"], row["languages"]) == (
            "celex:32016R0679; other:a: b; c",
            "az; ru",
        )
        row |= {"identifiers": "DOI: 10.1000/182; other:a: b; c", "languages": "EN; az"}

    run = imported(edited(exported(tmp_path, form), edit))

    assert counts(run) == {"changed": 1}
    assert identifiers(agreement) == ["doi 10.1000/182", "imported-row digest", "other a: b; c"]
    assert [(v.language, v.status, v.title) for v in agreement.languages.all()] == [
        ("az", "authentic", "Saziş"),
        ("en", "unknown", ""),
    ]


def test_emptied_cells_remove_them_but_not_what_files_do_not_show(
    tmp_path: Path, agreement: Agreement
) -> None:
    def edit(row: dict[str, Any]) -> None:
        row |= {"identifiers": "", "languages": ""}

    imported(edited(exported(tmp_path, "csv"), edit))

    assert identifiers(agreement) == ["imported-row digest"]
    assert not agreement.languages.exists()


def test_edited_json_changes_every_value_of_a_language(
    tmp_path: Path, agreement: Agreement
) -> None:
    def edit(record: dict[str, Any]) -> None:
        record["languages"][1] |= {"status": "translation", "title": "Соглашение"}
        record["identifiers"].append({"scheme": "doi", "value": "10.1000/182", "url": None})

    imported(edited(exported(tmp_path, "json"), edit))

    russian = agreement.languages.get(language="ru")
    assert (russian.status, russian.prevails, russian.title) == ("translation", False, "Соглашение")
    assert "doi 10.1000/182" in identifiers(agreement)
    assert "imported-row digest" in identifiers(agreement)


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "no scheme": ({"identifiers": "32016R0679"}, "Write the scheme, a colon and the value"),
    "bad scheme": ({"identifiers": "a b:7"}, "identifiers"),
    "too long": ({"identifiers": f"celex:{'x' * 201}"}, "at most 200 characters"),
    "no language": ({"languages": "Azerbaijani"}, "is not a language tag"),
    "markup": ({"languages": '"><script>'}, "is not a language tag"),
}


@pytest.mark.parametrize(("cells", "remedy"), REFUSED.values(), ids=REFUSED)
def test_bad_cells_are_refused_with_a_remedy(
    tmp_path: Path, agreement: Agreement, cells: dict[str, str], remedy: str
) -> None:
    run, outcome = looked_at(edited(exported(tmp_path, "csv"), lambda row: row.update(cells)))

    assert counts(run) == {"refused": 1}
    assert remedy in remedies(outcome)


def test_translation_that_prevails_is_refused(tmp_path: Path, agreement: Agreement) -> None:
    def edit(record: dict[str, Any]) -> None:
        record["languages"][0]["status"] = "translation"

    run, outcome = looked_at(edited(exported(tmp_path, "json"), edit))

    assert counts(run) == {"refused": 1}
    assert "A translation cannot prevail." in remedies(outcome)


def test_identifier_of_another_agreement_is_refused(tmp_path: Path, agreement: Agreement) -> None:
    path = csv_file(
        tmp_path,
        "title,identifiers",
        "On roads,celex:32016R0679",
        "On rails,doi:10.1000/182",
        "On ships,doi:10.1000/182",
    )

    run, outcome = looked_at(path)

    assert counts(run) == {"created": 1, "refused": 2}
    assert "2|identifiers|celex 32016R0679|Another agreement already has this" in remedies(outcome)
    assert "4|identifiers|doi 10.1000/182|Row 3 already states this" in remedies(outcome)


def test_new_record_keeps_its_identifiers_and_is_recognised_again(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "title,identifiers,languages", "On roads,doi:10.1000/182,az; en")

    imported(path)

    agreement = Agreement.objects.get()
    assert [row.scheme for row in agreement.identifiers.all()] == ["doi", "imported-row"]
    assert [version.language for version in agreement.languages.all()] == ["az", "en"]
    assert counts(looked_at(path)[0]) == {"unchanged": 1}


def test_profile_states_further_identifiers(tmp_path: Path) -> None:
    (tmp_path / "ministry.toml").write_text(PROFILE)
    path = csv_file(
        tmp_path, "No,Title,CELEX,DOI", "1,On roads,CELEX:32016R0679,", "2,On rails,,10.1000/182"
    )

    imported(path, profile=tmp_path / "ministry.toml")

    roads = Agreement.objects.get(title="On roads")
    assert identifiers(roads) == ["celex 32016R0679", "min-register 1"]
    again, _outcome = looked_at(path, profile=tmp_path / "ministry.toml")
    assert counts(again) == {"unchanged": 2}


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_files_do_not_show_survives_an_edit(tmp_path: Path, form: str) -> None:
    agreement = AgreementFactory(ref="AGR-0001", draft=True)
    source = SourceFactory(url="https://n.example/1")
    document = DocumentFactory(agreement=agreement, is_public=False)
    EvidenceFactory(agreement=agreement, source=source, fact=EvidenceCode.SIGNED)
    EvidenceFactory(agreement=agreement, fact="relations")
    EvidenceFactory(agreement=agreement, fact="commitments")
    EvidenceFactory(agreement=agreement, source=None, document=document, locator="p. 4")
    CommitmentFactory(agreement=agreement, text="Internal", is_public=False)

    def edit(row: dict[str, Any]) -> None:
        if form == "csv":
            row["sources"] += "; https://n.example/2"
        else:
            row["evidence"][0]["note"] = "As printed"
            row["commitments"] = [{"text": "Told", "progress": "unknown"}]

    imported(edited(exported(tmp_path, form), edit))

    facts = [row.fact for row in agreement.evidence.all()]
    assert {"relations", "commitments"} <= {*facts}
    assert agreement.evidence.get(document=document).locator == "p. 4"
    told = {row.text: row.is_public for row in agreement.commitments.all()}
    assert told == ({"Internal": False} if form == "csv" else {"Internal": False, "Told": True})


def test_evidence_by_documents_from_another_register_is_left_out_with_a_remark(
    tmp_path: Path,
) -> None:
    path = tmp_path / "other.json"
    evidence = {"fact": "title", "basis": "stated", "source": None, "document": None}
    record = {"title": "On roads", "evidence": [evidence]}
    path.write_text(json.dumps({"agreements": [record]}))

    run = imported(path)

    assert counts(run) == {"created": 1}
    assert not Agreement.objects.get().evidence.exists()
    assert "evidence by documents is never imported" in json.dumps(run.notes, ensure_ascii=False)

"""The Data Package: a validator that knows nothing about us finds every cell of the CSV to be as described."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from frictionless import Package, validate

from agreements.domain.facts import COLUMNS
from agreements.exchange.exporting.datapackage import data_package
from tests.factories import AgreementFactory, AreaFactory, EvidenceFactory, PartyFactory

pytestmark = pytest.mark.django_db
URL = "/datapackage.json"


@pytest.fixture
def take_away(client, tmp_path: Path):
    """A function that saves the package and its CSV, as a user of both would, and checks the CSV against the package."""

    def take_away(damage=lambda text: text) -> Any:
        package = client.get(URL).json()
        [resource] = package["resources"]
        rows = b"".join(client.get(f"/{resource['path']}").streaming_content).decode()
        (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
        (tmp_path / resource["path"]).write_text(damage(rows), encoding="utf-8", newline="")
        return validate(str(tmp_path / "datapackage.json"))

    return take_away


def errors(report: Any) -> list[list[Any]]:
    return report.flatten(["type", "fieldName", "cell"])


def test_it_is_json_of_its_own(client):
    response = client.get(URL)

    assert response["Content-Type"] == "application/json"
    assert response.json() == data_package()
    assert not list(Package.metadata_validate(response.json()))


def test_it_describes_every_column(client):
    [resource] = client.get(URL).json()["resources"]

    fields = resource["schema"]["fields"]
    assert [field["name"] for field in fields] == [column.name for column in COLUMNS]
    assert all(field["description"] for field in fields)


def test_it_says_whose_the_data_are(client):
    package = client.get(URL).json()

    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    assert package["sources"][0]["path"].startswith("http")
    assert client.get(package["homepage"].removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_first_records_are_what_it_says(take_away):
    call_command("seed", verbosity=0)

    report = take_away()

    assert report.valid, errors(report)
    assert report.tasks[0].stats["rows"] == 9


@pytest.mark.usefixtures("varied_register")
def test_any_register_is_what_it_says(take_away):
    AgreementFactory(
        title='=1+1; "quoted",\r\nand a second line', signed="2020-05?/..", in_force="../2021%", terminated="2022~/2023",
        parties=[PartyFactory(country="AZ", name="+A"), PartyFactory(country="UZ")],
        areas=[AreaFactory(), AreaFactory()], summary="\ttab",
    )  # fmt: skip
    EvidenceFactory(agreement=AgreementFactory(title="Әмәкдашлыг 協定"))

    report = take_away()

    assert report.valid, errors(report)


def test_empty_register_is_what_it_says(take_away):
    report = take_away()

    assert report.valid, errors(report)


@pytest.mark.parametrize(
    ("right", "wrong", "column"),
    [
        (",mou,", ",mouse,", "kind"),
        (",concluded,", ",,", "stage"),
        ("AGR-0001,", "agr-1,", "ref"),
        (",2023-08,", ",August 2023,", "signed"),
        (",2023-08-31,", ",2023-08-32,", "signed_latest"),
        (",AZ,", ",Azerbaijan,", "countries"),
        (",http://127.0.0.1:8000/agreements/AGR-0001/,", ",AGR-0001,", "url"),
    ],
)
def test_what_is_not_so_is_found(take_away, right, wrong, column):
    AgreementFactory(signed="2023-08", parties=[PartyFactory(country="AZ")])
    assert take_away().valid

    report = take_away(lambda text: text.replace(right, wrong, 1))

    assert column in [field for _type, field, _cell in errors(report)]

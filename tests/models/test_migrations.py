"""Today's register is migrated back to the first release and forward again, and keeps its records."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection

from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Party
from agreements.models.derived import refresh_derived_columns
from tests.factories import (
    PDF_SHA256,
    AgreementFactory,
    DocumentFactory,
    PartyFactory,
    PartyNameFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file() -> str:
    """The name of a file of one of three agreements with the same party."""
    party = PartyFactory(name="Azərbaycan")
    first, *_others = [
        AgreementFactory(
            ref=f"AGR-{n:04d}",
            title=f"Care {n}",
            signed="2023-08",
            review_due="2027-03",
            parties=[party],
        )
        for n in range(3)
    ]
    PartyNameFactory(party=PartyFactory(name="Şəki Limanı"), name="Порт Шеки")
    uploaded = DocumentFactory(agreement=first, uploaded=True)
    DocumentFactory(agreement=first)
    return str(uploaded.file.name)


# A single test, because every change of the whole schema takes seconds.
def test_records_survive_the_way_back_and_forward(file: str, migrate: Callable[[str], Any]) -> None:
    _go_back(file, migrate)
    older = Group.objects.create(name="Editor")
    older.permissions.add(Permission.objects.get(codename="add_logentry"))

    _find_everything(migrate("0002_search"))
    migrate("0003_former_slugs")
    migrate("0004_review_due")
    _know_no_review()
    migrate("0008_follow_up")
    _describe_files_and_names(migrate("0010_describe_files_and_names"), file)
    call_command("migrate", verbosity=0)

    _fold_and_sort()
    _give_the_roles(older)


def _go_back(file: str, migrate: Callable[[str], Any]) -> None:
    documents = migrate("0008_follow_up").get_model("agreements", "Document").objects
    assert documents.exclude(file="").get().file.name == file

    first_release = migrate("0001_initial")

    with connection.cursor() as cursor:
        left = connection.introspection.get_table_list(cursor)
    assert not [table.name for table in left if "search" in table.name]
    assert first_release.get_model("agreements", "Agreement").objects.count() == 3
    Group.objects.all().delete()


def _find_everything(models: Any) -> None:
    entries = models.get_model("agreements", "SearchEntry").objects.order_by("pk")
    assert [(entry.title, entry.body) for entry in entries] == [
        (f"care {n} ¶ agr {n:04d}", "azerbaycan ¶ azarbayjan ¶ azerbayjan") for n in range(3)
    ]
    for word in ("azerbaycan", "care"):
        assert Agreement.objects.containing(word).count() == 3
    assert models.get_model("agreements", "SearchWord").objects.count() == 4


def _know_no_review() -> None:
    days = ("review_due", "review_due_earliest", "review_due_latest")
    assert list(Agreement.objects.values_list(*days)) == [(None, None, None)] * 3
    assert Agreement.objects.containing("care").filter(signed="2023-08").count() == 3


def _describe_files_and_names(models: Any, file: str) -> None:
    parties, names = (
        models.get_model("agreements", name).objects for name in ("Party", "PartyName")
    )
    assert set(parties.values_list("folded_name", flat=True)) == {"azerbaycan", "seki limani"}
    assert names.get().folded_name == "port sheki"
    documents = models.get_model("agreements", "Document").objects.order_by("pk")
    assert [row.media_type for row in documents] == ["application/pdf", ""]
    version = models.get_model("agreements", "DocumentVersion").objects.get()
    assert (version.document_id, version.file.name, version.sha256) == (
        documents[0].pk,
        file,
        PDF_SHA256,
    )
    assert version.added_at == documents[0].added_at
    assert version.file_name == "text.pdf"


def _fold_and_sort() -> None:
    assert refresh_derived_columns(dry_run=True) == 0
    assert Party.objects.named("azarbayjan").get().name == "Azərbaycan"
    assert [row.ref for row in Agreement.objects.in_order("title")] == [
        "AGR-0000",
        "AGR-0001",
        "AGR-0002",
    ]


def _give_the_roles(older: Group) -> None:
    """Check that a group that already had the name of a role keeps its permissions."""
    assert Group.objects.get(name="Editor").pk == older.pk
    held = set(older.permissions.values_list("codename", flat=True))
    assert {"add_logentry", "change_agreement"} <= held
    assert Group.objects.count() == len(StaffRole)

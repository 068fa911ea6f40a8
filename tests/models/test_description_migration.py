"""Registers from before merges and versions of files: their names are folded, their files described, nothing is lost."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories import PDF_SHA256, DocumentFactory, PartyFactory, PartyNameFactory

BEFORE = "0008_follow_up"
AFTER = "0010_describe_files_and_names"

pytestmark = pytest.mark.django_db(transaction=True)


def test_names_are_folded_and_files_described(migrate: Callable[[Any], Any]) -> None:
    party = PartyFactory(name="Şəki Limanı")
    PartyNameFactory(party=party, name="Порт Шеки")
    uploaded = DocumentFactory(uploaded=True)
    DocumentFactory(agreement=uploaded.agreement)
    file = uploaded.file.name
    migrate(BEFORE)

    new = migrate(AFTER)

    models = {name: new.get_model("agreements", name).objects for name in ("Party", "PartyName")}
    assert models["Party"].get().folded_name == "seki limani"
    assert models["PartyName"].get().folded_name == "port sheki"
    documents = new.get_model("agreements", "Document").objects.order_by("pk")
    assert [row.media_type for row in documents] == ["application/pdf", ""]
    version = new.get_model("agreements", "DocumentVersion").objects.get()
    assert (version.document_id, version.file.name, version.sha256) == (
        uploaded.pk,
        file,
        PDF_SHA256,
    )
    assert version.added_at == documents[0].added_at
    assert version.file_name == "text.pdf"


def test_agreements_and_files_survive_the_way_back(migrate: Callable[[Any], Any]) -> None:
    uploaded = DocumentFactory(uploaded=True)
    old = migrate(BEFORE)

    assert old.get_model("agreements", "Document").objects.get().file.name == uploaded.file.name

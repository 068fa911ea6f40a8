"""What would be lost with reversion's own command for old versions, which docs/operating.md warns against."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from agreements.curation.history.past import begun_by, entries_of
from agreements.curation.history.recording import recorded
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Party, Removal
from tests.colleagues import colleague
from tests.factories import AgreementFactory, PartyFactory

pytestmark = pytest.mark.django_db


def test_it_takes_away_what_deleted_records_come_back_from_and_the_documents_say_so() -> None:
    with recorded():
        party, stays = PartyFactory(), PartyFactory()
    key = party.pk
    with recorded():
        party.delete()
    assert Removal.objects.count() == 1

    call_command("deleterevisions", verbosity=0)

    assert not Removal.objects.exists()
    assert entries_of(Party, key) == entries_of(Party, stays.pk) == []
    operating = " ".join((Path(settings.BASE_DIR) / "docs" / "operating.md").read_text().split())
    assert "Never run `manage.py deleterevisions`" in operating


def test_it_makes_nobody_the_one_who_entered_a_colleagues_draft() -> None:
    began, edited = (colleague(StaffRole.EDITOR, username=name) for name in ("began", "edited"))
    with recorded(by=began):
        draft = AgreementFactory(draft=True)
    with recorded(by=edited):
        draft.summary = "Worked on"
        draft.save()
    drafts = Agreement.objects.all()
    assert [begun_by(user, drafts).count() for user in (began, edited)] == [1, 0]

    call_command("deleterevisions", keep=1, verbosity=0)

    assert [entry.by for entry in entries_of(Agreement, draft.pk)] == [edited]
    assert [begun_by(user, drafts).count() for user in (began, edited)] == [0, 0]

"""reversion's own command for old versions, which the README tells operators not to run: what it would take away."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from agreements.history import entries_of, recorded
from agreements.models import Party, Removal
from tests.factories import PartyFactory

pytestmark = pytest.mark.django_db


def test_it_takes_away_what_deleted_records_come_back_from_and_the_readme_says_so() -> None:
    with recorded():
        party, stays = PartyFactory(), PartyFactory()
    key = party.pk
    with recorded():
        party.delete()
    assert Removal.objects.count() == 1

    call_command("deleterevisions", verbosity=0)

    assert not Removal.objects.exists()
    assert entries_of(Party, key) == entries_of(Party, stays.pk) == []
    readme = " ".join((Path(settings.BASE_DIR) / "README.md").read_text().split())
    assert "Never run `manage.py deleterevisions`" in readme

"""Every locked package has a licence that we know and may use, and the list of licences is up to date."""

import pytest

from tests import licences


@pytest.mark.parametrize("lock", licences.LOCKS)
def test_every_licence_is_accepted(lock: str) -> None:
    refused = {
        package: stated
        for package in licences.locked(lock)
        if not licences.is_accepted(package, stated := licences.licence(package), lock)
    }

    assert not refused


def test_list_is_up_to_date() -> None:
    assert licences.FILE.read_text() == licences.document(), "Run `make tables`."


@pytest.mark.parametrize(
    ("stated", "lock", "accepted"),
    [
        ("MIT", "base", True),
        ("Apache-2.0 OR BSD-2-Clause", "base", True),
        ("GPL-3.0-only OR MIT", "base", True),
        ("MIT AND GPL-3.0-only", "base", False),
        ("AGPL-3.0-only", "base", False),
        ("GPL-3.0-or-later", "base", False),
        ("GPL-3.0-or-later", "dev", True),
        ("", "base", False),
        ("a licence of our own", "dev", False),
    ],
)
def test_strong_copyleft_and_unknown_licences_are_refused(
    stated: str, lock: str, accepted: bool
) -> None:
    assert licences.is_accepted("djlint", stated, lock) is accepted

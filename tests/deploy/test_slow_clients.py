"""Slow clients, each with half a request or an answer that it hardly reads, do not keep anybody else waiting."""

import json
import os
import time
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.db import connection

from agreements.serving.export_slots import EXPORTS_AT_ONCE
from benchmarks.attacks.slow import Target, slow_clients
from tests.deployed import HOST, deployed, tls
from tests.factories import AgreementFactory

OF_EACH_KIND = 40
# gunicorn's threads alone would all be taken
ADDRESSES = [f"127.0.0.{n}" for n in range(2, 22)]


def name_static_files(folder: Path) -> None:
    """Write the manifest that collectstatic would write, without compressing every file."""
    paths = {path: path for finder in get_finders() for path, _storage in finder.list([])}
    folder.mkdir()
    (folder / "staticfiles.json").write_text(
        json.dumps({"version": "1.1", "hash": "", "paths": paths})
    )


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_pages_are_answered_while_slow_clients_hold_their_connections(tmp_path: Path) -> None:
    # more than fits into the buffers between the processes
    AgreementFactory.create_batch(40, summary="A long story. " * 7_000)
    name_static_files(tmp_path / "static")
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "STATIC_ROOT": str(tmp_path / "static"),
        "DOCUMENTS_ROOT": str(tmp_path / "documents"),
    }
    with deployed(tmp_path, environment) as site:
        target = Target(site.https, HOST, tls(), ADDRESSES)
        with slow_clients(target, of_each_kind=OF_EACH_KIND) as attack:
            time.sleep(2)
            answers = [
                site.ask(path, timeout=5).status for path in 5 * ("/healthz", "/agreements/")
            ]
            held = dict(attack.held)

    assert set(answers) == {200}
    # they were really there; nginx and the slots let in only some of the readers
    assert held.pop("slow readers") >= EXPORTS_AT_ONCE
    assert all(count >= OF_EACH_KIND // 2 for count in held.values()), held

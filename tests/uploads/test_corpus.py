"""Every active or crafted document is refused, naming what is in it; harmless ones that look like it are accepted."""

import io
import resource
import subprocess

import pytest

from agreements.uploads import inspecting, own_process
from agreements.uploads.contents import accept
from agreements.uploads.refusals import ContentError
from benchmarks.attacks import files
from tests import office
from tests.uploads.corpus import ACTIVE, HARMLESS


@pytest.mark.parametrize(("content", "found"), ACTIVE.values(), ids=ACTIVE.keys())
def test_active_document_is_refused_with_what_is_in_it(content: bytes, found: str) -> None:
    with pytest.raises(ContentError) as refusal:
        accept(io.BytesIO(content))

    assert found in str(refusal.value)


@pytest.mark.parametrize("content", HARMLESS.values(), ids=HARMLESS.keys())
def test_harmless_document_is_accepted(content: bytes) -> None:
    file = io.BytesIO(content)

    accept(file)

    assert file.tell() == 0


@pytest.mark.own_process
@pytest.mark.parametrize(
    ("content", "found"),
    [
        ACTIVE["PDF: script when opened"],
        ACTIVE["DOCX: macros"],
        ACTIVE["picture: PNG of 2³¹ × 2³¹"],
    ],
    ids=["PDF", "DOCX", "PNG"],
)
def test_process_of_its_own_says_the_same(content: bytes, found: str) -> None:
    accept(io.BytesIO(HARMLESS["PDF: with links"]))
    with pytest.raises(ContentError) as refusal:
        accept(io.BytesIO(content))

    assert found in str(refusal.value)


@pytest.mark.own_process
def test_document_that_costs_too_much_is_refused_after_two_seconds_of_work() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    with pytest.raises(ContentError, match="could not be checked within 2 seconds"):
        accept(io.BytesIO(files.pdf(b"startxref\n" * 2_400_000)))

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert 1 < spent < inspecting.CPU_SECONDS + 3


def test_process_that_looks_into_files_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[dict[str, str]] = []

    def run(
        *args: object, env: dict[str, str], **how: object
    ) -> subprocess.CompletedProcess[bytes]:
        started.append(env)
        return subprocess.CompletedProcess([], 0, b"null")

    monkeypatch.setattr(own_process.subprocess, "run", run)
    inspecting.refuse_harmful(io.BytesIO(office.PDF), "pdf")

    assert started == [{}]

"""What acts by itself in a PDF is found, wherever and however it is written; what nobody can look through is refused."""

import io
import tracemalloc
import zlib

import pytest

from agreements import pdf_scripts
from agreements.document_contents import PDF, ContentError, recognise


def pdf(*objects: bytes) -> bytes:
    numbered = (b"%d 0 obj\n%b\nendobj\n" % each for each in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + b"".join(numbered) + b"trailer\n<</Root 1 0 R>>\n%%EOF\n"


def object_stream(
    text: bytes, *, said: bytes = b"/Type /ObjStm /N 1 /First 4", packed: bytes | None = None
) -> bytes:
    held = zlib.compress(b"9 0 " + text) if packed is None else packed
    return (
        b"<<%b /Filter /FlateDecode /Length %d>>\nstream\n" % (said, len(held))
        + held
        + b"\nendstream"
    )


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(
            pdf(b"<</OpenAction <</S /JavaScript /JS (app.alert(1))>> >>"), "/JavaScript", id="open"
        ),
        pytest.param(pdf(b"<</S/JavaScript/JS 4 0 R>>"), "/JavaScript", id="no blanks"),
        pytest.param(pdf(b"<</S /J#61vaScript>>"), "/JavaScript", id="a letter escaped"),
        pytest.param(pdf(b"<</S /#4A#61v#61Script>>"), "/JavaScript", id="letters escaped"),
        pytest.param(pdf(b"<</S /Rendition /JS (x)>>"), "/JS", id="JS alone"),
        pytest.param(pdf(b"<</S /Rendition /#4aS (x)>>"), "/JS", id="JS alone, escaped"),
        pytest.param(pdf(b"<</S /Launch /F (cmd.exe)>>"), "/Launch", id="program"),
        pytest.param(pdf(b"<</Type /EmbeddedFile>>"), "/EmbeddedFile", id="file in it"),
        pytest.param(pdf(b"<</AcroForm <</XFA 3 0 R>> >>"), "/XFA", id="form with programs"),
        pytest.param(
            pdf(object_stream(b"<</S /JavaScript>>")), "/JavaScript", id="in an object stream"
        ),
        pytest.param(pdf(object_stream(b"<</S /Rendition /JS (x)>>")), "/JS", id="JS, packed"),
        pytest.param(
            pdf(object_stream(b"<</S /L#61unch>>", said=b"/Type /Obj#53tm")),
            "/Launch",
            id="packed and escaped",
        ),
        pytest.param(
            pdf(object_stream(b"<</S /Launch>>", said=b"/N 1 /First 4")), "/Launch", id="untyped"
        ),
        pytest.param(
            pdf(b"(stream\n)", b"<</S /JavaScript>>", b"(endstream)"), "/JavaScript", id="hidden"
        ),
    ],
)
def test_what_acts_by_itself_is_named(content: bytes, name: str) -> None:
    assert pdf_scripts.acting_name(content) == name
    with pytest.raises(ContentError, match=f"script.*{name}"):
        recognise(io.BytesIO(content))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(pdf(b"<</Type /Catalog /OpenAction [3 0 R /Fit]>>"), id="opens at a page"),
        pytest.param(pdf(b"<</Font /JSX /Title (JavaScript)>>"), id="other names, and a title"),
        pytest.param(pdf(object_stream(b"<</Type /Page>>")), id="objects packed"),
        pytest.param(
            pdf(b"<</Length 7>>\nstream\n\xff/JS\x00\xfe\x01\nendstream"),
            id="by chance in a picture",
        ),
        pytest.param(pdf(b"<</Filter /DCTDecode>>\nstream\n\xff\xd8\nendstream"), id="picture"),
    ],
)
def test_pdf_that_only_shows_something_is_taken(content: bytes) -> None:
    assert recognise(io.BytesIO(content)) == PDF


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(object_stream(b"", packed=b"locked with a password"), id="encrypted"),
        pytest.param(object_stream(b"", packed=zlib.compress(b"9 0 <<>>")[:-6]), id="cut off"),
        pytest.param(
            object_stream(b"<<>>").replace(b"/FlateDecode", b"[/ASCII85Decode /FlateDecode]"),
            id="packed twice",
        ),
        pytest.param(object_stream(b"<<>>").replace(b"/FlateDecode", b"7 0 R"), id="elsewhere"),
        pytest.param(
            object_stream(b"<<>>", said=b"/Type /ObjStm /DecodeParms <</Predictor 12>>"),
            id="predicted",
        ),
    ],
)
def test_objects_that_nobody_can_look_through_are_refused(packed: bytes) -> None:
    with pytest.raises(ContentError, match="cannot be looked through"):
        recognise(io.BytesIO(pdf(packed)))


def test_bomb_is_refused_before_it_fills_the_memory() -> None:
    bomb = pdf(object_stream(bytes(200 * 1024 * 1024)))

    tracemalloc.start()
    with pytest.raises(ContentError, match="cannot be looked through"):
        recognise(io.BytesIO(bomb))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 3 * pdf_scripts.MOST_UNPACKED


def test_one_piece_claimed_for_many_streams_is_not_unpacked_for_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pdf_scripts, "MOST_READ", 2_000)
    held = zlib.compress(b"9 0 <<>>")
    claims = b"1 0 obj <</Type /ObjStm>> stream\n" * 40

    with pytest.raises(pdf_scripts.UnreadablePdfError):
        pdf_scripts.acting_name(b"%PDF-1.7\n" + claims + held + b"endstream\n%%EOF")

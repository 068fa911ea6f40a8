"""What acts by itself in a PDF is found, wherever and however it is written; what nobody can look through is refused."""

import io
import tracemalloc
import zlib

import pytest

from agreements.uploads import pdf_scripts
from agreements.uploads.contents import PDF, ContentError, recognise


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
        pytest.param(
            b"%PDF-1.7\n1 0 obj <</S /Rendition /JS (x)>>\n%%EOF\n", "/JS", id="without an end"
        ),
        pytest.param(
            pdf(b"<</A (stream\n) /S /Rendition /JS (x) /Z (endstream)>>"), "/JS", id="JS, hidden"
        ),
    ],
)
def test_what_acts_by_itself_is_named(content: bytes, name: str) -> None:
    assert pdf_scripts.acting_name(content) == name
    with pytest.raises(ContentError, match=f"script.*{name}"):
        recognise(io.BytesIO(content))


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(b"(obj)", id="obj"),
        pytest.param(b"(1 0 obj)", id="a numbered obj"),
        pytest.param(b"(endobj)", id="endobj"),
        pytest.param(b"(endstream)", id="endstream"),
        pytest.param(b"(stream\n)", id="stream"),
        pytest.param(b"(a \\) 1 0 obj (b) \\( stream\n)", id="brackets in a string"),
        pytest.param(b"<00>", id="string in hexadecimals"),
        pytest.param(b"1 % 1 0 obj ( endobj stream\n", id="comment"),
        pytest.param(b"<</Y [1 0 R] /Z (endobj) >>", id="dictionary in it"),
        pytest.param(b"[ >> ] /Y endobj", id="rubbish that some programs read over"),
        pytest.param(b"stream\n", id="stream without a string"),
        pytest.param(b"/stream /Y /endobj /Z /obj", id="names"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_nothing_in_its_dictionary_hides_an_object_stream(odd: bytes, first: bool) -> None:
    parts = [b"/Type /ObjStm /N 1 /First 4", b"/X " + odd]
    said = b"\n".join(parts if first else parts[::-1])

    content = pdf(object_stream(b"<</S /JavaScript /JS (app.alert(1))>>", said=said))

    with pytest.raises(ContentError, match=r"script|cannot be looked through"):
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
        pytest.param(
            pdf(
                b"<</Type /Outlines /First 5 0 R /Last 9 0 R>>",
                b"<</Filter /DCTDecode>>\nstream\n\xff( << obj \xd8\nendstream",
                b"<</Filter /LZWDecode>>\nstream\n\xff\xd8\nendstream",
            ),
            id="pictures behind an outline",
        ),
        pytest.param(
            pdf(b"<</Title (1 0 obj \\( stream\n)>>", b"<<>>\nstream\nq Q\nendstream"),
            id="odd title",
        ),
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
        pytest.param(
            object_stream(b"<<>>", said=b"/Type /ObjStm /DecodeParms 7 0 R"),
            id="predicted elsewhere",
        ),
        pytest.param(object_stream(b"<<>>").replace(b"stream\n", b"stream x\n", 1), id="no line"),
    ],
)
def test_objects_that_nobody_can_look_through_are_refused(packed: bytes) -> None:
    with pytest.raises(ContentError, match="cannot be looked through"):
        recognise(io.BytesIO(pdf(packed)))


@pytest.mark.parametrize("word", [b"/Encrypt", b"/Encr#79pt"])
def test_objects_that_are_locked_and_packed_by_no_filter_are_refused(word: bytes) -> None:
    locked = bytes(letter ^ 0x5A for letter in b"9 0 <</S /JavaScript>>")
    plain = b"<</Type /ObjStm /N 1 /First 4 /Length %d>>\nstream\n%b\nendstream"
    content = pdf(plain % (len(locked), locked))

    assert recognise(io.BytesIO(content)) == PDF
    with pytest.raises(ContentError, match="cannot be looked through"):
        recognise(io.BytesIO(content.replace(b"/Root", word + b" 5 0 R /Root")))


def test_objects_in_one_another_are_not_read_without_end() -> None:
    for closing in (b")" * 50_001, b""):
        content = pdf(b"(" + b"1 0 obj (" * 50_000 + closing)

        with pytest.raises(pdf_scripts.UnreadablePdfError):
            pdf_scripts.acting_name(content)


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

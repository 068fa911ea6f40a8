"""Files that cost far more to open than their size suggests. The tests use them too."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable

MEGABYTE = 1 << 20
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEADER = b'<row r="1"><c t="inlineStr"><is><t>title</t></is></c></row>'


def repeated(
    piece: bytes, times: int, *, before: bytes = b"", after: bytes = b""
) -> Iterable[bytes]:
    """Yield this piece so many times, in blocks, between what comes before and after it."""
    block = piece * 10_000
    yield before
    for _each in range(times // 10_000):
        yield block
    yield piece * (times % 10_000)
    yield after


def archive(parts: dict[str, Iterable[bytes]]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, pieces in parts.items():
            with packed.open(name, "w") as part:
                for piece in pieces:
                    part.write(piece)
    return made.getvalue()


def workbook(
    sheet: Iterable[bytes] | None = None,
    texts: Iterable[bytes] | None = None,
    **more: Iterable[bytes],
) -> bytes:
    """A workbook whose sheet and shared texts have names that no program would give them."""
    types = (
        f'<Types><Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/a/b.bin" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/a/c.png" ContentType="{_TYPE}.sharedStrings+xml"/></Types>'
    ).replace(
        "<Types>", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    )
    book = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>"
    )
    related = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="/a/b.bin"/>'
        f'<Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="/a/c.png"/></Relationships>'
    )
    return archive(
        {
            "[Content_Types].xml": [types.encode()],
            "xl/workbook.xml": [book.encode()],
            "xl/_rels/workbook.xml.rels": [related.encode()],
            "a/b.bin": sheet or cells(b"", 0),
            "a/c.png": texts or [f'<sst xmlns="{_MAIN}"/>'.encode()],
        }
        | {name.replace("__", "/"): pieces for name, pieces in more.items()}
    )


def cells(piece: bytes, times: int, *, before: bytes = b"", after: bytes = b"") -> Iterable[bytes]:
    """A sheet with a header row and so many copies of this piece."""
    start = f'<worksheet xmlns="{_MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>'.encode()
    end = b"</sheetData></worksheet>"
    return repeated(piece, times, before=start + _HEADER + before, after=after + end)


def styles(piece: bytes, times: int) -> Iterable[bytes]:
    start = f'<styleSheet xmlns="{_MAIN}"><cellXfs>'.encode()
    return repeated(piece, times, before=start, after=b"</cellXfs></styleSheet>")


def document(text: Iterable[bytes]) -> bytes:
    return archive({"[Content_Types].xml": [b"<Types/>"], "word/document.xml": text})


def pdf(middle: bytes) -> bytes:
    """A PDF of one page with these bytes among its objects."""
    return (
        b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
        b"2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n"
        b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
        + middle
        + b"trailer\n<</Root 1 0 R>>\n%%EOF\n"
    )


def png(width: int, height: int) -> bytes:
    """A PNG that claims this size, with correct checksums."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels


WORKBOOKS: dict[str, Callable[[], bytes]] = {
    "styles": lambda: workbook(**{"xl__styles.xml": styles(b"<xf/>", 1_600_000)}),
    "cells": lambda: workbook(cells(b"<row><c/></row>", 1_000_000)),
    "cells of one row": lambda: workbook(
        cells(b"<c/>", 4_000_000, before=b"<row>", after=b"</row>")
    ),
    "merged ranges": lambda: workbook(
        repeated(
            b'<mergeCell ref="A1:B2"/>',
            600_000,
            before=f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode()
            + _HEADER
            + b"</sheetData><mergeCells>",
            after=b"</mergeCells></worksheet>",
        )
    ),
    "shared texts": lambda: workbook(
        texts=repeated(
            b"<si/>", 3_200_000, before=f'<sst xmlns="{_MAIN}">'.encode(), after=b"</sst>"
        )
    ),
    "cell in the last row": lambda: workbook(
        cells(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', 1)
    ),
    "cell beyond the last row": lambda: workbook(
        cells(b'<row r="9999999999"><c><v>1</v></c></row>', 1)
    ),
    "300 MB of blanks": lambda: workbook(cells(b" ", 300 * MEGABYTE)),
}
DOCUMENTS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "300 MB of text": (
        "docx",
        lambda: document(repeated(b" ", 300 * MEGABYTE, before=b"<a>", after=b"</a>")),
    ),
    "24 MB of brackets": ("pdf", lambda: pdf(b"4 0 obj\n" + b"[" * 24 * MEGABYTE + b"\nendobj\n")),
    "24 MB of names": ("pdf", lambda: pdf(b"/S" * 12 * MEGABYTE)),
    "24 MB of blanks": ("pdf", lambda: pdf(b" " * 24 * MEGABYTE)),
    "24 MB of objects": (
        "pdf",
        lambda: pdf(b"".join(b"%d 0 obj<<>>endobj\n" % n for n in range(4, 1_050_000))),
    ),
    "24 MB of ends": ("pdf", lambda: pdf(b"startxref\n" * 2_400_000)),
    "PNG of 2³¹ × 2³¹": ("png", lambda: png(2**31 - 1, 2**31 - 1)),
}

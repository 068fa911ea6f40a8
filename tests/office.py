"""Makes files such as word processors, scanners and attackers would make."""

import io
import struct
import zipfile
import zlib

from PIL import Image

ODT_TYPE = b"application/vnd.oasis.opendocument.text"
PARTS_OF_DOCX = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}
PARTS_OF_ODT = {"mimetype": ODT_TYPE, "content.xml": b"<office:document-content/>"}


def archive(parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return made.getvalue()


def docx(**more: bytes) -> bytes:
    return archive(PARTS_OF_DOCX | more)


def odt(**more: bytes) -> bytes:
    return archive(PARTS_OF_ODT | more)


def png() -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\x00\xff")
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def _picture(kind: str) -> bytes:
    made = io.BytesIO()
    Image.new("1", (40, 30)).save(made, kind)
    return made.getvalue()


JPEG = _picture("JPEG")
TIFF = _picture("TIFF")
PDF = (
    b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    b"2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n"
    b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>\nendobj\n"
    b"trailer\n<</Size 4/Root 1 0 R>>\n%%EOF\n"
)

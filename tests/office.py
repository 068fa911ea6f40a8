"""Makes files such as word processors, scanners and attackers would make."""

import io
import struct
import zipfile
import zlib

ODT_TYPE = b"application/vnd.oasis.opendocument.text"
PARTS_OF_DOCX = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}
PARTS_OF_ODT = {"mimetype": ODT_TYPE, "content.xml": b"<office:document-content/>"}


def archive(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
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


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(100) + b"\xff\xd9"
TIFF = b"II*\x00\x08\x00\x00\x00" + bytes(20)
PDF = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog>>\nendobj\ntrailer\n%%EOF\n"

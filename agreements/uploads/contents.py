"""What an uploaded file is, told by its bytes: a name and a browser's word prove nothing.

Documents ask it before they take a file. Each kind is held to the structure that programs read it by, so that a file
is not two things at once: a PDF that is a web page as well, a picture with a program behind it.
"""

import codecs
import mimetypes
import os
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

import puremagic
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.uploads.pdf_scripts import UnreadablePdfError, acting_name

_HEAD = 4096
_TAIL = 4096
_PIECE = 64 * 1024
# A name with more bytes does not fit into the file systems of those who download it.
_LONGEST_STEM = 180
_MOST_PARTS = 10_000
_MOST_UNPACKED = 1024 * 1024 * 1024


class ContentError(Exception):
    """The file is not taken; the text says what is wrong with it and what to upload instead."""


@dataclass(frozen=True)
class Content:
    """A kind of document: the extension its files get here, and the media type they are sent with."""

    extension: str
    media_type: str


PDF = Content("pdf", "application/pdf")
DOCX = Content("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
ODT = Content("odt", "application/vnd.oasis.opendocument.text")
PNG = Content("png", "image/png")
JPEG = Content("jpg", "image/jpeg")
TIFF = Content("tif", "image/tiff")
TEXT = Content("txt", "text/plain")
UTF8_TEXT = Content("txt", "text/plain; charset=utf-8")
UTF16_TEXT = Content("txt", "text/plain; charset=utf-16")

_ALIASES = {"jpeg": "jpg", "jpe": "jpg", "tiff": "tif"}
_KINDS = {
    "pdf": "PDF",
    "docx": "DOCX",
    "odt": "ODT",
    "png": "PNG",
    "jpg": "JPEG",
    "tif": "TIFF",
    "txt": gettext_lazy("plain text"),
}


def recognise(file: IO[bytes]) -> Content:
    """Return what the file is, and leave it at its beginning; raises `ContentError`.

    Memory stays small whatever the size: a text is read in pieces; only a PDF is held as a whole.
    """
    try:
        return _recognise(file)
    finally:
        file.seek(0)


def _recognise(file: IO[bytes]) -> Content:
    head = _read(file, 0, _HEAD)
    if not head:
        raise ContentError(_("The file is empty. Upload the original file."))
    _refuse_script(head)
    _refuse_script(_read(file, max(0, _size(file) - _TAIL), _TAIL))
    for beginning, structure in _STRUCTURES:
        if head.startswith(beginning):
            return structure(file)
    return _text(file, head)


def refuse_false_name(name: str, content: Content) -> None:
    """Raise `ContentError` if the name says that the file is another kind of document than it is.

    A name that says nothing of the kinds taken, such as "notes" or "scan.pdf.exe", is no promise: it is mended.
    """
    said = name.rpartition(".")[2].lower()
    meant = _ALIASES.get(said, said)
    if meant in _KINDS and meant != content.extension:
        raise ContentError(
            _(
                "Its name says %(said)s, its content is %(kind)s. Upload the right file, or name it as what it is."
            )
            % {"said": said.upper(), "kind": _KINDS[content.extension]}
        )


def safe_name(name: str, content: Content) -> str:
    """Return the name under which a file of this content is handed out: no path, nothing hidden, one extension.

    "scans/MoU.pdf.exe" with the content of a PDF becomes "MoU.pdf"; of a name without a letter remains "document.pdf".
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Category C: control characters, and those that turn the direction of what follows.
    seen = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    plain = re.sub(r"[^-\w.]", "", _without_extensions(seen.strip()).strip().replace(" ", "_"))
    stem = plain.encode()[:_LONGEST_STEM].decode(errors="ignore").strip("._")
    return f"{stem or 'document'}.{_own_extension(last, content)}"


def _own_extension(name: str, content: Content) -> str:
    given = name.rpartition(".")[2].lower()
    return given if _ALIASES.get(given) == content.extension else content.extension


def _without_extensions(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if dot and f".{extension.lower()}" in _EXTENSIONS:
        return _without_extensions(stem)
    return name


# What the standard library knows, not what this machine does; and what it does not know but Windows runs.
_EXTENSIONS = frozenset(mimetypes.MimeTypes().types_map[True]) | {
    f".{extension}"
    for extension in (
        *("docx", "docm", "odt", "jpeg", "tiff", "cmd", "com", "hta", "jar", "jse", "lnk", "msi"),
        *("php", "phtml", "ps1", "scr", "vbe", "vbs", "wsf", "xhtml"),
    )
}


# ------------------------------------------------------------------ files that are two things at once

_SCRIPT = re.compile(
    rb"<\s*(script|html|!doctype\s+html|svg|iframe|object|embed|body|head)\b|<\?php|<%@",
    re.IGNORECASE,
)


def _refuse_script(part: bytes) -> None:
    """Refuse what a browser or server might run; texts in two bytes a letter are read as such."""
    if _SCRIPT.search(part) or _SCRIPT.search(part.replace(b"\x00", b"")) or part[:2] == b"#!":
        raise ContentError(
            _(
                "The file holds a web page or a script. Save the document as PDF and upload that instead."
            )
        )


def _refuse_what_follows() -> ContentError:
    return ContentError(
        _("Something else follows the end of the document in this file. Save it anew as PDF.")
    )


def _damaged(kind: str) -> ContentError:
    return ContentError(
        _("The file begins like %(kind)s, but is damaged or cut off. Upload the original file.")
        % {"kind": kind}
    )


# ------------------------------------------------------------------ one structure each


def _pdf(file: IO[bytes]) -> Content:
    tail = _read(file, max(0, _size(file) - _TAIL), _TAIL)
    _before, end, after = tail.rpartition(b"%%EOF")
    if not end:
        raise _damaged("PDF")
    if after.strip(b" \t\r\n\x00\x1a"):
        raise _refuse_what_follows()
    _refuse_acting(file)
    return PDF


def _refuse_acting(file: IO[bytes]) -> None:
    file.seek(0)
    try:
        name = acting_name(file.read())
    except UnreadablePdfError as error:
        raise ContentError(
            _(
                "Parts of the PDF are locked or packed so that they cannot be looked through for scripts. "
                "Print it into a new PDF and upload that."
            )
        ) from error
    if name:
        raise ContentError(
            _(
                "The PDF holds a script, a command or a file that is packed into it (%(name)s). "
                "Print it into a new PDF and upload that."
            )
            % {"name": name}
        )


def _png(file: IO[bytes]) -> Content:
    """Walk from chunk to chunk (PNG specification, 5.3) until the last, which ends the file."""
    size, at, first = _size(file), 8, True
    while at < size:
        header = _read(file, at, 8)
        if len(header) < 8 or (first and header[4:] != b"IHDR"):
            raise _damaged("PNG")
        at, first = at + 12 + struct.unpack(">I", header[:4])[0], False
        if header[4:] == b"IEND":
            if at > size:
                raise _damaged("PNG")
            if at < size:
                raise _refuse_what_follows()
            return PNG
    raise _damaged("PNG")


def _jpeg(file: IO[bytes]) -> Content:
    # Cameras and scanners fill up with zeros.
    tail = _read(file, max(0, _size(file) - _TAIL), _TAIL).rstrip(b"\x00")
    if not tail.endswith(b"\xff\xd9"):
        raise _refuse_what_follows() if b"\xff\xd9" in tail else _damaged("JPEG")
    return JPEG


def _tiff(file: IO[bytes]) -> Content:
    head = _read(file, 0, 8)
    order = "<I" if head.startswith(b"II") else ">I"
    if len(head) < 8 or not 8 <= struct.unpack(order, head[4:])[0] < _size(file):
        raise _damaged("TIFF")
    return TIFF


def _zip(file: IO[bytes]) -> Content:
    """Tell Word's documents and OpenDocument's from other archives by the parts they must have (ISO 29500, 26300)."""
    try:
        with zipfile.ZipFile(file) as archive:
            _refuse_odd_archive(file, archive)
            return _office_document(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise _damaged("DOCX, ODT") from error


def _refuse_odd_archive(file: IO[bytes], archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    is_honest = (
        0 < len(parts) <= _MOST_PARTS
        and len(set(names)) == len(names)
        and sum(part.file_size for part in parts) <= _MOST_UNPACKED
        and not any(part.flag_bits & 0x1 for part in parts)
    )
    if not is_honest:
        raise _damaged("DOCX, ODT")
    # The directory stands at the end of the file, and its last record is 22 bytes long if nothing follows.
    ends_there = _read(file, max(0, _size(file) - 22), 4) == b"PK\x05\x06"
    if min(part.header_offset for part in parts) != 0 or not ends_there:
        raise _refuse_what_follows()


# Where word processors keep them (ISO 29500; ISO 26300 and LibreOffice), lower-cased; ODF's charts are folders.
_MACROS = re.compile(r"vbaproject\.bin$|^/*(basic|scripts)/")
_PACKED_IN = re.compile(r"(^|/)(embeddings|activex)/|^/*object \d+$")


def _office_document(archive: zipfile.ZipFile) -> Content:
    names = {part.filename for part in archive.infolist()}
    _refuse_programs([name.replace("\\", "/").lower() for name in names])
    if {"[Content_Types].xml", "word/document.xml"} <= names:
        _refuse_no_xml(archive, "word/document.xml")
        return DOCX
    if "content.xml" in names and _is_opendocument_text(archive):
        _refuse_no_xml(archive, "content.xml")
        return ODT
    raise _unlisted(_("an archive, or a document of another program"))


def _refuse_programs(names: list[str]) -> None:
    """Refuse by the names of their parts, in whatever letters, documents with macros or something packed into them."""
    if any(map(_MACROS.search, names)):
        raise ContentError(
            _("The document holds macros, which are programs. Save it without them, or as PDF.")
        )
    if any(map(_PACKED_IN.search, names)):
        raise ContentError(
            _(
                "Another file or a program is embedded in the document, such as a workbook or a form. "
                "Replace it by a picture, or save the document as PDF."
            )
        )


def _is_opendocument_text(archive: zipfile.ZipFile) -> bool:
    is_typed = archive.infolist()[0].filename == "mimetype"
    return is_typed and _part(archive, "mimetype").strip() == ODT.media_type.encode()


def _refuse_no_xml(archive: zipfile.ZipFile, name: str) -> None:
    if not _part(archive, name).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise _damaged("DOCX, ODT")


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the beginning of a part of the archive, unpacked; of the whole, nothing is."""
    with archive.open(name) as part:
        return part.read(256)


_STRUCTURES: tuple[tuple[bytes, Callable[[IO[bytes]], Content]], ...] = (
    (b"%PDF-", _pdf),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8\xff", _jpeg),
    (b"II*\x00", _tiff),
    (b"MM\x00*", _tiff),
    (b"PK\x03\x04", _zip),
)


# ------------------------------------------------------------------ what is left: text, or nothing we take

_NOT_IN_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def _text(file: IO[bytes], head: bytes) -> Content:
    """Accept text in Unicode or in one of the old alphabets of one byte a letter."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and _decodes(file, "utf-16"):
        return UTF16_TEXT
    if head.startswith((b"{\\rtf", b"<?xml", b"%!PS")) or not _looks_like_text(file):
        raise _unlisted(_named(head))
    return UTF8_TEXT if _decodes(file, "utf-8") else TEXT


def _looks_like_text(file: IO[bytes]) -> bool:
    return not any(_NOT_IN_TEXT.search(piece) for piece in _pieces(file))


def _decodes(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        if any("\x00" in decoder.decode(piece) for piece in _pieces(file)):
            return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    return iter(lambda: file.read(_PIECE), b"")


def _named(head: bytes) -> str:
    """Return what a file is called that begins so, as far as anybody knows."""
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return _("a kind of file that is not known here")
    return found[0].name or found[0].extension or _("a kind of file that is not known here")


def _unlisted(what: str) -> ContentError:
    return ContentError(
        _(
            "By its content this is: %(what)s. Upload a PDF, DOCX, ODT, TXT, PNG, JPEG or TIFF instead."
        )
        % {"what": what}
    )


def _size(file: IO[bytes]) -> int:
    return file.seek(0, os.SEEK_END)


def _read(file: IO[bytes], at: int, length: int) -> bytes:
    file.seek(at)
    return file.read(length)

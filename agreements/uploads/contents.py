"""What an uploaded file is, judged by its content, not by its name or by what the browser says.

Documents call `accept` before they take a file. It determines the kind, has `inspecting` look for anything harmful and
asks the virus scanner, if there is one. In any case, documents are only ever sent as attachments, with `nosniff` and a
sandbox, so no browser runs them on our site.
"""

import codecs
import mimetypes
import re
import unicodedata
from dataclasses import dataclass
from typing import BinaryIO

import puremagic
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from agreements.uploads.archives import Archive
from agreements.uploads.inspecting import refuse_harmful
from agreements.uploads.refusals import ContentError
from agreements.uploads.virus_scanner import refuse_viruses

_HEAD = 4096
# Longer names (counted in bytes) do not fit into the file systems of the people who download them.
_LONGEST_STEM = 180


@dataclass(frozen=True)
class Content:
    """A kind of document: the extension its files get here, the media type they are sent with, and its name."""

    extension: str
    media_type: str
    name: str | Promise


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_PLAIN = gettext_lazy("plain text")
PDF = Content("pdf", "application/pdf", "PDF")
DOCX = Content("docx", _WORD, "DOCX")
ODT = Content("odt", "application/vnd.oasis.opendocument.text", "ODT")
PNG = Content("png", "image/png", "PNG")
JPEG = Content("jpg", "image/jpeg", "JPEG")
TIFF = Content("tif", "image/tiff", "TIFF")
TEXT = Content("txt", "text/plain", _PLAIN)
UTF8_TEXT = Content("txt", "text/plain; charset=utf-8", _PLAIN)
UTF16_TEXT = Content("txt", "text/plain; charset=utf-16", _PLAIN)

_ACCEPTED = {kind.extension for kind in (PDF, DOCX, ODT, PNG, JPEG, TIFF, TEXT)}
_ALIASES = {"jpeg": "jpg", "jpe": "jpg", "tiff": "tif"}
# The kinds that puremagic recognises by their first bytes, under its names.
_BY_EXTENSION = {
    ".pdf": PDF,
    ".png": PNG,
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), JPEG),
    **dict.fromkeys((".tif", ".tiff"), TIFF),
}
_OLE = b"\xd0\xcf\x11\xe0"
_MARKUP = re.compile(rb"#!|\s*(\{\\rtf|<\?xml|<!doctype|<html|<svg|%!PS)", re.IGNORECASE)
_NOT_IN_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def accept(file: BinaryIO) -> Content:
    """Return what the file is if nothing harmful is found in it, and rewind it; raises `ContentError`."""
    content = recognise(file)
    try:
        if content.extension != TEXT.extension:
            refuse_harmful(file, content.extension)
        refuse_viruses(file)
    finally:
        file.seek(0)
    return content


def recognise(file: BinaryIO) -> Content:
    """Return what the file is, and rewind it; raises `ContentError`. Only plain text is held in memory as a whole."""
    file.seek(0)
    try:
        head = file.read(_HEAD)
        if not head:
            raise ContentError(gettext_noop("The file is empty. Upload the original file."))
        if head.startswith(_OLE):
            raise ContentError(
                gettext_noop(
                    "This is a Word or Excel 97–2003 document, or it has a password. Save it as PDF or DOCX, without a "
                    "password, and upload that."
                )
            )
        found = _guesses(head)
        for guess in found:
            if kind := _BY_EXTENSION.get(guess.extension):
                return kind
        if head.startswith(b"PK\x03\x04"):
            return _office_document(file)
        if text := _text(head + file.read()):
            return text
        name = found[0].name or found[0].extension if found else ""
        raise _not_accepted(name or _("an unknown kind of file"))
    finally:
        file.seek(0)


def _guesses(head: bytes) -> list[puremagic.PureMagicWithConfidence]:
    """Return puremagic's guesses about a file with these first bytes, the likeliest first."""
    try:
        return puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return []


def _office_document(file: BinaryIO) -> Content:
    """Tell Word and OpenDocument texts from other archives by the parts they must have (ISO 29500, 26300)."""
    archive = Archive(file)
    names = {part.filename for part in archive.parts}
    kind = next(
        (archive.read(part, 256) for part in archive.parts if part.filename == "mimetype"), b""
    )
    if {"[Content_Types].xml", "word/document.xml"} <= names:
        return DOCX
    if kind.strip() == ODT.media_type.encode():
        return ODT
    raise _not_accepted(_("an archive, or a document of another program"))


def _text(content: bytes) -> Content | None:
    """Return the kind of plain text: in Unicode, or in an old encoding of one byte per letter; None for anything else."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return UTF16_TEXT if "\x00" not in _decoded(content, "utf-16") else None
    if _MARKUP.match(content) or _NOT_IN_TEXT.search(content):
        return None
    return UTF8_TEXT if "\x00" not in _decoded(content, "utf-8") else TEXT


def _decoded(content: bytes, encoding: str) -> str:
    """Return the text, or a null character where the bytes are not in this encoding."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return "\x00"


def _not_accepted(what: str) -> ContentError:
    return ContentError(
        gettext_noop(
            "The content is: %(what)s. Upload a PDF, DOCX, ODT, TXT, PNG, JPEG or TIFF instead."
        ),
        what=what,
    )


def refuse_false_name(name: str, content: Content) -> None:
    """Raise `ContentError` if the extension is that of another accepted kind of document than the content.

    Names with any other extension or none, such as "scan.pdf.exe" or "notes", pass: `safe_name` repairs them.
    """
    said = name.rpartition(".")[2].lower()
    meant = _ALIASES.get(said, said)
    if meant in _ACCEPTED and meant != content.extension:
        raise ContentError(
            gettext_noop(
                "The name says %(said)s, but the content is %(kind)s. Upload the right file, or rename this one."
            ),
            said=said.upper(),
            kind=content.name,
        )


def safe_name(name: str, content: Content) -> str:
    """Return the name for downloads of a file with this content: no path, no hidden characters, one extension.

    A PDF called "scans/MoU.pdf.exe" becomes "MoU.pdf"; a name without a single letter becomes "document.pdf".
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Category C: control characters, and those that reverse the direction of the text after them.
    seen = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    plain = re.sub(r"[^-\w.]", "", _without_extensions(seen.strip()).strip().replace(" ", "_"))
    stem = plain.encode()[:_LONGEST_STEM].decode(errors="ignore").strip("._")
    given = last.rpartition(".")[2].lower()
    extension = given if _ALIASES.get(given) == content.extension else content.extension
    return f"{stem or 'document'}.{extension}"


def _without_extensions(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if dot and f".{extension.lower()}" in _EXTENSIONS:
        return _without_extensions(stem)
    return name


# What the standard library knows, regardless of this machine's settings, and what else Windows runs.
_EXTENSIONS = frozenset(mimetypes.MimeTypes().types_map[True]) | {
    f".{extension}"
    for extension in (
        *("docx", "docm", "odt", "jpeg", "tiff", "cmd", "com", "hta", "jar", "jse", "lnk", "msi"),
        *("php", "phtml", "ps1", "scr", "vbe", "vbs", "wsf", "xhtml"),
    )
}

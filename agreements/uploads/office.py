"""What DOCX and ODT files may contain: text, pictures and charts, but no code, no passwords and nothing that loads.

Macros, embedded objects and programs are recognised by what a part contains and by what other parts say about it
(content types, relationships), because its name can be anything.
"""

import io
import re
from collections.abc import Iterator
from typing import IO

from django.utils.translation.trans_null import gettext_noop as _

from agreements.uploads.archives import Archive, malformed
from agreements.uploads.markup import Attributes, scan
from agreements.uploads.refusals import ContentError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"%PDF", b"{\\rtf", _OLE)
_ZIP = b"PK\x03\x04"
_MOST_ELEMENTS = 5_000_000
_MOST_FIELD = 10_000
_XML_NAMES = (".xml", ".rels")

_MACROS = _("macros")
_EMBEDDED = _("an embedded object or program")
_EXTERNAL = _("a link that loads another file when the document is opened")
_FIELD = _("a field that fetches data from another program or file")

# Where LibreOffice and Office keep macros (ISO 26300, ISO 29500), in lower case.
_OF_MACROS = re.compile(r"vbaproject\.bin$|vbadata\.xml$|^/*(basic|scripts)/")
# In content types and relationships of Office Open XML, in lower case.
_TYPES = {
    re.compile("macroenabled|vbaproject|vbadata|macrosheet|keymapcustomizations"): _MACROS,
    re.compile("oleobject|activex|/control$|ctrlprop|/afchunk|/subdocument"): _EMBEDDED,
    re.compile("encryptedpackage"): _("a password"),
}
_PACKAGE = "/package"
# Elements of OpenDocument that run, embed or fetch something.
_ELEMENTS = {
    "event-listener": _MACROS,
    "script": _MACROS,
    "execute-macro": _MACROS,
    "object-ole": _EMBEDDED,
    "applet": _EMBEDDED,
    "plugin": _EMBEDDED,
    "floating-frame": _EMBEDDED,
    "dde-connection-decl": _FIELD,
    "dde-source": _FIELD,
    "encryption-data": _("a password"),
    # of Office Open XML
    "OLEObject": _EMBEDDED,
    "control": _EMBEDDED,
    "altChunk": _EMBEDDED,
}
# Elements that load their target without a click; programs ask before they load pictures from the web.
_LOADING = {"object", "section-source", "template"}
_PICTURES = {"image", "fill-image"}
_FIELDS = re.compile(r"\s*(DDE|DDEAUTO|DATABASE|INCLUDETEXT|IMPORT|QUOTE\s+\d+)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|[/\\]{2}", re.IGNORECASE)
_ON_THE_WEB = re.compile(r"https?://", re.IGNORECASE)
# A template on a drive of the author's own machine cannot be replaced by anyone else.
_ON_A_DRIVE = re.compile(r"(file:/{2,3})?[a-z]:[/\\]", re.IGNORECASE)
_RUNNING = re.compile(r"(javascript|vbscript|data|ms-[a-z-]+|vnd\.sun\.star\.script|macro):", re.I)


def refuse_active_office(file: IO[bytes]) -> None:
    """Raise `ContentError` if the document has macros, embedded objects, a password or the like, or is malformed."""
    _look_into(file, is_of_chart=False)


def _look_into(file: IO[bytes], *, is_of_chart: bool) -> None:
    archive = Archive(file)
    seen = _Seen()
    for part in archive.parts:
        name = part.filename.replace("\\", "/").lower()
        if _OF_MACROS.search(name):
            raise _active(_MACROS)
        chunks = archive.chunks(part)
        head = next(chunks, b"")
        if head.startswith(_PROGRAMS):
            raise _active(_EMBEDDED)
        if head.startswith(_ZIP):
            # only the workbook behind a chart, which itself holds none
            if is_of_chart or "/embeddings/" not in f"/{name}" or not name.endswith(".xlsx"):
                raise _active(_EMBEDDED)
            _look_into(io.BytesIO(head + b"".join(chunks)), is_of_chart=True)
            continue
        found = _Part(seen, name)
        is_xml = scan(
            _chained(head, chunks), started=found.started, ended=found.ended, text=found.text
        )
        if name.endswith(_XML_NAMES) and not is_xml and part.file_size:
            raise malformed(_("its XML cannot be read"))


def _chained(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from chunks


class _Seen:
    """What all parts of a document have in common: a bound on their elements."""

    def __init__(self) -> None:
        self.left = _MOST_ELEMENTS

    def count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise ContentError(
                _("The document has too many elements to be checked. Upload it as PDF.")
            )


class _Part:
    """Checks the elements of one part, and joins the text of Word's fields, which is written in pieces."""

    def __init__(self, seen: _Seen, name: str) -> None:
        self._seen = seen
        self._is_of_chart = "/charts/" in f"/{name}"
        self._fields: list[str] = []
        self._is_field = False

    def started(self, name: str, attributes: Attributes) -> None:
        self._seen.count()
        if found := _ELEMENTS.get(name):
            raise _active(found)
        said = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if name in ("Override", "Default", "Relationship"):
            self._refuse_type((said.get("ContentType") or said.get("Type") or "").lower())
        if name == "Relationship" and said.get("TargetMode", "").lower() == "external":
            _refuse_external(said.get("Type", ""), said.get("Target", ""))
        elif name != "Relationship" and "href" in said:
            _refuse_reference(name, said["href"])
        self._is_field = name in ("instrText", "delInstrText")
        if name == "fldSimple":
            _refuse_field(said.get("instr", ""))
        elif name == "fldChar" and said.get("fldCharType") == "begin":
            self._fields.append("")
        elif name == "fldChar" and said.get("fldCharType") == "end" and self._fields:
            self._fields.pop()

    def _refuse_type(self, kind: str) -> None:
        for pattern, found in _TYPES.items():
            if pattern.search(kind):
                raise _active(found)
        if kind.endswith(_PACKAGE) and not self._is_of_chart:
            raise _active(_EMBEDDED)

    def ended(self, name: str) -> None:
        self._is_field = False

    def text(self, said: str) -> None:
        if self._is_field:
            field = ((self._fields or [""])[-1] + said)[:_MOST_FIELD]
            self._fields[-1:] = [field]
            _refuse_field(field)


def _refuse_field(instruction: str) -> None:
    if _FIELDS.match(instruction):
        raise _active(_FIELD)


def _refuse_external(kind: str, target: str) -> None:
    """Refuse anything that a relationship loads from elsewhere; a hyperlink waits for a click."""
    use = kind.rpartition("/")[2].lower()
    if _RUNNING.match(target.strip()):
        raise _active(_("a link that runs a script or a program"))
    is_harmless = (
        use == "hyperlink"
        or (use == "image" and _ON_THE_WEB.match(target))
        or (use == "attachedtemplate" and _ON_A_DRIVE.match(target))
    )
    if not is_harmless:
        raise _active(_("an external template") if use == "attachedtemplate" else _EXTERNAL)


def _refuse_reference(name: str, target: str) -> None:
    if _RUNNING.match(target.strip()):
        raise _active(_("a link that runs a script or a program"))
    is_elsewhere = bool(_ELSEWHERE.match(target)) and not _ON_A_DRIVE.match(target)
    if is_elsewhere and (name in _LOADING or (name in _PICTURES and not _ON_THE_WEB.match(target))):
        raise _active(_("an external template") if name == "template" else _EXTERNAL)


def _active(what: str) -> ContentError:
    return ContentError(
        _("The document contains %(what)s. Save it as PDF/A, or remove that, and upload it again."),
        what=what,
    )

"""What PDF files may contain: nothing that runs, sends data, plays, or carries another file.

qpdf reads the file, so we see objects packed into streams, and names such as /J#61vaScript, as PDF readers see them.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import pikepdf
from django.utils.translation.trans_null import gettext_noop as _

from agreements.uploads.archives import malformed
from agreements.uploads.refusals import ContentError

MOST_OBJECTS = 300_000

_SCRIPT = _("a script")
_LAUNCH = _("an action that starts a program or opens another file")
_SENDING = _("an action that sends or fetches form data")
_ATTACHMENT = _("an embedded file")
_MEDIA = _("sound, video or 3D content")

# ISO 32000-2, 12.6.4: the actions; 7.11.4: embedded files; 12.5.6 and 13: annotations that play something.
_ACTIONS = {
    "/JavaScript": _SCRIPT,
    "/Launch": _LAUNCH,
    "/GoToE": _LAUNCH,
    "/SubmitForm": _SENDING,
    "/ImportData": _SENDING,
    "/Rendition": _MEDIA,
    "/Movie": _MEDIA,
    "/Sound": _MEDIA,
    "/RichMediaExecute": _MEDIA,
    "/GoTo3DView": _MEDIA,
}
_KINDS = {
    "/FileAttachment": _ATTACHMENT,
    "/RichMedia": _MEDIA,
    "/Screen": _MEDIA,
    "/Movie": _MEDIA,
    "/Sound": _MEDIA,
    "/3D": _MEDIA,
}
_KEYS = {
    "/JS": _SCRIPT,
    "/JavaScript": _SCRIPT,
    "/EmbeddedFiles": _ATTACHMENT,
    "/EF": _ATTACHMENT,
    "/XFA": _("an XFA form, which may run scripts"),
    "/RichMediaContent": _MEDIA,
}
_SUSPECT = re.compile(
    rb"/(%s)\b"
    % b"|".join(key[1:].encode() for key in {*_ACTIONS, *_KINDS, *_KEYS, "/GoToR", "/URI"})
)
# Objects from an earlier state of the file, or missing from its list of objects, that some readers still find.
_LEFT_BEHIND = re.compile(rb"/S\s{0,9}/(JavaScript|Launch)\b")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*://|[/\\]{2}", re.IGNORECASE)
_RUNNING = re.compile(r"\s*(javascript|vbscript|data|file|ms-[a-z-]+):", re.IGNORECASE)
_CHUNK = 1 << 20
_OVERLAP = 64


def refuse_active_pdf(file: BinaryIO) -> None:
    """Raise `ContentError` if the PDF has active content, has a password or cannot be read."""
    file.seek(0)
    try:
        with pikepdf.open(file, inherit_page_attributes=False) as document:
            if document.is_encrypted:
                raise ContentError(
                    _("The PDF is encrypted. Save it without a password and upload it again.")
                )
            if len(document.objects) > MOST_OBJECTS:
                raise _too_large()
            for written in [document.trailer, *document.objects]:
                if not isinstance(written, pikepdf.Object):
                    continue  # a number, a text or nothing
                # qpdf always writes an object in the same way, which is quick to search; only suspicious ones are walked
                value = written.stream_dict if isinstance(written, pikepdf.Stream) else written
                if _SUSPECT.search(value.unparse(resolved=True)):
                    for each in _dictionaries(value):
                        _refuse_active(each)
    except pikepdf.PasswordError as error:
        raise ContentError(
            _("The PDF is encrypted. Save it without a password and upload it again.")
        ) from error
    except (pikepdf.PdfError, RuntimeError, ValueError) as error:
        raise malformed(_("no PDF reader can rely on it")) from error
    _refuse_left_behind(file)


def _dictionaries(written: Any) -> Iterator[Any]:
    """Yield an object and the dictionaries within it, but not those that are objects of their own."""
    waiting = [written]
    while waiting:
        value = waiting.pop()
        match value:
            case pikepdf.Dictionary():
                yield value
                within: Iterable[Any] = dict(value.items()).values()
            case pikepdf.Array():
                within = value
            case _:
                continue
        waiting += [
            each for each in within if isinstance(each, pikepdf.Object) and not each.is_indirect
        ]


def _refuse_active(value: Any) -> None:
    keys = value.keys()
    for key in keys & _KEYS.keys():
        raise _active(_KEYS[key])
    if found := _ACTIONS.get(_name(value, "/S")):
        raise _active(found)
    if found := _KINDS.get(_name(value, "/Subtype")):
        raise _active(found)
    action = _name(value, "/S")
    if action == "/GoToR" and _ELSEWHERE.match(_file_of(value)):
        raise _active(_LAUNCH)
    if action == "/URI" and _RUNNING.match(str(value.get("/URI", ""))):
        raise _active(_LAUNCH)


def _name(value: Any, key: str) -> str:
    found = value.get(key)
    return str(found) if isinstance(found, pikepdf.Name) else ""


def _file_of(action: Any) -> str:
    named = action.get("/F", "")
    if isinstance(named, pikepdf.Dictionary):
        named = named.get("/UF", named.get("/F", ""))
    return str(named)


def _refuse_left_behind(file: BinaryIO) -> None:
    file.seek(0)
    end = b""
    while piece := file.read(_CHUNK):
        if _LEFT_BEHIND.search(end + piece):
            raise _active(_SCRIPT)
        end = piece[-_OVERLAP:]


def _active(what: str) -> ContentError:
    return ContentError(
        _("The PDF contains %(what)s. Save it as PDF/A, or print it to a PDF, and upload that."),
        what=what,
    )


def _too_large() -> ContentError:
    return ContentError(
        _("The PDF has too many objects to be checked. Print it to a PDF, and upload that.")
    )

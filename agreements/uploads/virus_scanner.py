"""Asks ClamAV about uploaded files, if the setting CLAMD names a daemon. Without an answer, no file is accepted.

The file is streamed with INSTREAM (clamd(8)): each piece follows its length, and a length of zero ends the file.
"""

import re
import socket
import struct
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation.trans_null import gettext_noop as _

from agreements.uploads.refusals import ContentError, ScannerError

_SECONDS = 30
_CHUNK = 1 << 16
_LONGEST_REPLY = 4096
_REPLY = re.compile(rb"stream: (?:(OK)|(.+) FOUND)\0?\s*", re.DOTALL)


def refuse_viruses(file: IO[bytes]) -> None:
    """Raise `ContentError` if the scanner finds something, and `ScannerError` if it does not answer."""
    if not settings.CLAMD:
        return
    file.seek(0)
    try:
        reply = _reply(file)
    except OSError as error:
        raise _no_answer() from error
    found = _REPLY.fullmatch(reply)
    if not found:
        raise _no_answer()
    if name := found[2]:
        raise ContentError(
            _(
                "The virus scanner found %(name)s in the file. Do not open it; ask whoever sent it for a clean one."
            ),
            name=name.decode(errors="replace"),
        )


def _reply(file: IO[bytes]) -> bytes:
    with _connected() as connection:
        connection.sendall(b"zINSTREAM\0")
        while piece := file.read(_CHUNK):
            connection.sendall(struct.pack(">L", len(piece)) + piece)
        connection.sendall(struct.pack(">L", 0))
        reply = b""
        while not reply.endswith(b"\0") and len(reply) < _LONGEST_REPLY:
            piece = connection.recv(_LONGEST_REPLY)
            if not piece:
                break
            reply += piece
        return reply


def _connected() -> socket.socket:
    address = urlsplit(settings.CLAMD)
    if address.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_SECONDS)
        try:
            connection.connect(address.path)
        except OSError:
            connection.close()
            raise
        return connection
    return socket.create_connection((address.hostname, address.port or 3310), timeout=_SECONDS)


def _no_answer() -> ScannerError:
    return ScannerError(
        _(
            "The virus scanner does not answer, so no file can be accepted at the moment. Save everything else and "
            "upload the file later."
        )
    )

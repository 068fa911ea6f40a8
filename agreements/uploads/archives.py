"""Reads the zip archives that documents and workbooks are, and refuses those that no office program has written.

An archive describes each part twice and says how large it is, and programs differ in which description they trust. Here
both descriptions must agree, parts must follow each other without overlapping, nothing may precede or follow the
archive, and every part is unpacked in pieces, in constant memory, to see how large it really is.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import IO

from django.utils.translation.trans_null import gettext_noop as _

from agreements.uploads.refusals import ContentError

MOST_PARTS = 2_000
MOST_UNPACKED = 256 << 20
# The texts of office programs shrink to a tenth of their size, rarely to a hundredth.
_ALWAYS_ALLOWED = 16 << 20
_MOST_TIMES_PACKED = 100
_LONGEST_DIRECTORY = 1 << 20
_CHUNK = 1 << 16
_LONGEST_DESCRIPTOR = 24
_ENCRYPTED = 1
_IN_UTF8 = 0x800

# PKWARE's APPNOTE 4.3.16 and 4.3.7
_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")

_MALFORMED = _(
    "The file is damaged, or was put together by hand: %(why)s. Open it in the program that made it, save it again and "
    "upload that."
)
_TOO_LARGE = _(
    "The file unpacks to more than %(most)d MB, far more than its own size. Save it as PDF, or a workbook as CSV, and "
    "upload that."
)


class Archive:
    """A zip archive with the structure that programs write. `parts` are its files in their order."""

    def __init__(self, file: IO[bytes]) -> None:
        """Raises `ContentError`."""
        self._file = file
        self._size = file.seek(0, io.SEEK_END)
        self._left = min(MOST_UNPACKED, _ALWAYS_ALLOWED + _MOST_TIMES_PACKED * self._size)
        self._most = self._left
        directory = self._directory()
        try:
            with zipfile.ZipFile(file) as archive:
                self.parts = sorted(archive.infolist(), key=lambda part: part.header_offset)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise malformed(_("its list of parts cannot be read")) from error
        names = {part.orig_filename.replace("\\", "/").lower() for part in self.parts}
        if len(names) < len(self.parts):
            raise malformed(_("two of its parts have the same name"))
        if len(names) > MOST_PARTS:
            raise ContentError(
                _(
                    "The file has more than %(most)d parts. Save it as PDF, or a workbook as CSV, and upload that."
                ),
                most=MOST_PARTS,
            )
        if any("\x00" in name or ".." in name.split("/") for name in names):
            raise malformed(_("a part has an impossible name"))
        self._starts = self._starts_of_parts(directory)

    def chunks(self, part: zipfile.ZipInfo) -> Generator[bytes]:
        """Yield the content of a part in pieces. Raises `ContentError` as soon as the archive turns out too large."""
        checksum = length = 0
        for piece in self._unpacked(part):
            checksum = zlib.crc32(piece, checksum)
            length += len(piece)
            self._left -= len(piece)
            if self._left < 0:
                raise ContentError(_TOO_LARGE, most=self._most >> 20)
            yield piece
        if (length, checksum) != (part.file_size, part.CRC):
            raise malformed(_("a part is not what the list of parts says"))

    def read(self, part: zipfile.ZipInfo, most: int) -> bytes:
        """Return the first `most` bytes of a part."""
        with closing(self.chunks(part)) as chunks:
            return next(chunks, b"")[:most]

    def _directory(self) -> int:
        """Return where the list of parts begins: it ends with the file, and nothing follows."""
        self._file.seek(max(self._size - _END.size, 0))
        end = self._file.read(_END.size)
        if len(end) < _END.size or not end.startswith(b"PK\x05\x06"):
            raise malformed(_("something follows its end, or its end is missing"))
        _sign, disk, first_disk, here, count, size, start, comment = _END.unpack(end)
        if disk or first_disk or comment or here != count or size > _LONGEST_DIRECTORY:
            raise malformed(_("its list of parts is unusual"))
        if start + size != self._size - _END.size:
            raise malformed(_("something precedes it"))
        return int(start)

    def _starts_of_parts(self, directory: int) -> dict[str, int]:
        """Return where the packed content of each part begins; raises `ContentError` if parts overlap or differ."""
        starts = {}
        end = 0
        for part in self.parts:
            self._file.seek(part.header_offset)
            header = self._file.read(_LOCAL.size)
            if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
                raise malformed(_("a part is missing"))
            *_some, flags, method, _time, _day, _crc, _packed, _size, name_length, extra = (
                _LOCAL.unpack(header)
            )
            if (flags | part.flag_bits) & _ENCRYPTED:
                raise ContentError(
                    _("The file has a password. Save it without one and upload it again.")
                )
            name = self._file.read(name_length)
            encoding = "utf-8" if flags & _IN_UTF8 else "cp437"
            same = name.decode(encoding, "replace") == part.orig_filename
            if not same or method != part.compress_type:
                raise malformed(_("a part is not what the list of parts says"))
            if method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise malformed(_("a part is packed in an unusual way"))
            if not end <= part.header_offset <= end + (_LONGEST_DESCRIPTOR if end else 0):
                raise malformed(_("its parts overlap, or something is hidden between them"))
            starts[part.orig_filename] = self._file.tell() + extra
            end = starts[part.orig_filename] + part.compress_size
        if not end <= directory <= end + _LONGEST_DESCRIPTOR:
            raise malformed(_("its parts overlap, or something is hidden between them"))
        return starts

    def _unpacked(self, part: zipfile.ZipInfo) -> Iterator[bytes]:
        place, left = self._starts[part.orig_filename], part.compress_size
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        while left:
            self._file.seek(place)
            packed = self._file.read(min(_CHUNK, left))
            place, left = place + len(packed), left - len(packed)
            if not packed:
                raise malformed(_("a part is cut off"))
            if part.compress_type == zipfile.ZIP_STORED:
                yield packed
                continue
            try:
                while packed and not inflate.eof:
                    yield inflate.decompress(packed, _CHUNK)
                    packed = inflate.unconsumed_tail
            except zlib.error as error:
                raise malformed(_("a part cannot be unpacked")) from error
            if inflate.unused_data or (inflate.eof and left):
                raise malformed(_("something is hidden behind a part"))
        if part.compress_type == zipfile.ZIP_DEFLATED:
            while not inflate.eof:
                piece = inflate.decompress(b"", _CHUNK)
                if not piece:
                    raise malformed(_("a part is cut off"))
                yield piece


def malformed(why: str) -> ContentError:
    """Return the refusal of a file that no program would write like this; `why` is marked for translation."""
    return ContentError(_MALFORMED, why=why)

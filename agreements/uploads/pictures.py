"""How large a picture is once somebody opens it, judged by its header alone: a small file can claim a huge size."""

import struct
from typing import IO

from django.utils.translation.trans_null import gettext_noop as _
from PIL import Image, ImageFile

from agreements.uploads.archives import malformed
from agreements.uploads.refusals import ContentError

# A0 at 300 dpi has 140 million; a viewer needs up to four bytes for each.
MOST_PIXELS = 200_000_000
MOST_PAGES = 1_000


def refuse_endless(file: IO[bytes]) -> None:
    """Raise `ContentError` if the picture has too many pixels or pages, or no readable header."""
    file.seek(0)
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(file, formats=("PNG", "JPEG", "TIFF")) as picture:
            _refuse_pages(picture)
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, KeyError, TypeError) as error:
        raise malformed(_("its header is not that of a picture")) from error


def _refuse_pages(picture: ImageFile.ImageFile) -> None:
    pixels = page = 0
    while True:
        pixels += picture.width * picture.height
        if pixels > MOST_PIXELS or page >= MOST_PAGES:
            raise ContentError(
                _(
                    "The picture has more than %(most)s pixels or %(pages)s pages. Scan it at a lower resolution, or "
                    "upload it as PDF."
                ),
                most=f"{MOST_PIXELS:,}",
                pages=f"{MOST_PAGES:,}",
            )
        page += 1
        try:
            picture.seek(page)
        except EOFError:
            return

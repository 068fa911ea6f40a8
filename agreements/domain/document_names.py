"""What the name of a file says about a document: its kind, its language and a title, when several are uploaded at once.

A guess that staff correct: file names are in the languages of the register, with whatever separators people use.
"""

import re
from typing import NamedTuple

from agreements.domain.choices import DocumentKind

LONGEST_TITLE = 255
_SEPARATORS = re.compile(r"[\s_.+]+|(?<=\w)-(?=\w)")
_COPY = re.compile(r"\s*\(\d{1,3}\)$")
# The first kind whose words begin a word of the name; a certified copy is often called signed as well.
_KINDS = (
    (DocumentKind.CERTIFIED_COPY, "certified|true copy|təsdiq|завер"),
    (DocumentKind.DRAFT_TEXT, "draft|layihə|layihe|проект"),
    (DocumentKind.ANNEX, "annex|appendix|schedule|əlavə|elave|прилож"),
    (DocumentKind.TRANSLATION, "translat|unofficial|tərcümə|tercume|перевод"),
    (DocumentKind.PRESS_RELEASE, "press|news|xəbər|xeber|пресс|новост"),
    (DocumentKind.SIGNED_TEXT, "signed|imzal|подпис"),
)
_LANGUAGES = {
    **dict.fromkeys(("en", "eng", "english", "ingilis"), "en"),
    **dict.fromkeys(("az", "aze", "azerbaijani", "azərbaycan"), "az"),
    **dict.fromkeys(("ru", "rus", "russian", "русский"), "ru"),
    **dict.fromkeys(("tr", "tur", "turkish", "türk"), "tr"),
    **dict.fromkeys(("fr", "fra", "french"), "fr"),
    **dict.fromkeys(("de", "deu", "german"), "de"),
    **dict.fromkeys(("ar", "ara", "arabic"), "ar"),
}


class Described(NamedTuple):
    kind: DocumentKind
    title: str
    language: str


def described(file_name: str) -> Described:
    """Return what a file's name says; “Other” and no language if it says nothing, and never an empty title."""
    stem = file_name.rpartition(".")[0] or file_name
    words = _COPY.sub("", _SEPARATORS.sub(" ", stem).strip())
    title = (words[:1].upper() + words[1:])[:LONGEST_TITLE].strip()
    said = words.lower()
    found = (kind for kind, names in _KINDS if re.search(rf"\b(?:{names})", said))
    last = re.split(r"\W+", said)[-1:]
    return Described(
        next(found, DocumentKind.OTHER),
        title or file_name[:LONGEST_TITLE].strip() or "-",
        _LANGUAGES.get(last[0] if last else "", ""),
    )

"""A citation as a RIS record in UTF-8: one tag per line, which reference managers read as a report."""

from collections.abc import Iterator

from agreements.domain.partial_dates import in_words
from agreements.exchange.citations.citation import Citation
from agreements.exchange.exporting.extracts import REGISTER


def ris(citation: Citation) -> str:
    """Return the record. Each value is on one line, so that none of them can be mistaken for a tag."""
    filled = [(tag, value) for tag, value in _tags(citation) if value]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in filled) + "ER  - \r\n"


def _tags(citation: Citation) -> Iterator[tuple[str, str]]:
    yield "TY", "RPRT"
    yield "ID", citation.agreement.ref
    yield "TI", citation.title
    yield "PB", REGISTER
    yield "SN", citation.agreement.ref
    yield "M3", citation.kind
    yield "PY", str(citation.signed.year) if citation.signed else ""
    yield "DA", _date(citation)
    yield "AB", citation.summary
    yield from (("KW", area) for area in citation.areas)
    yield "N1", citation.description
    yield "UR", citation.url
    yield "Y2", f"{citation.today:%Y/%m/%d}/"


def _date(citation: Citation) -> str:
    """Return year, month, day and, if the date is qualified, the date in words: `2023/10//about October 2023`."""
    signed = citation.signed
    if signed is None:
        return ""
    parts = [f"{part:02}" if part else "" for part in (signed.year, signed.month, signed.day)]
    words = in_words(citation.agreement.signed) if citation.agreement.signed else ""
    return "/".join([*parts, words if signed.qualifier else ""])

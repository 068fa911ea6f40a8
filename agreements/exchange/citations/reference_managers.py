"""A citation for reference managers, in UTF-8: as a BibTeX entry, which LaTeX reads too, and as a RIS record."""

from collections.abc import Iterator

from agreements.domain.partial_dates import in_words
from agreements.domain.plain_text import one_line
from agreements.exchange.citations.citation import Citation
from agreements.exchange.exporting.extracts import REGISTER

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# BibTeX counts braces even after a backslash, so a literal brace must be written as a command.
_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{char: f"\\{char}" for char in "#$%&_"},
    }
)


def bibtex(citation: Citation) -> str:
    """Return the BibTeX entry, keyed by the reference; the note says how exactly the date is known."""
    fields = {
        # the second pair of braces keeps styles from changing capital letters
        "title": f"{{{_escaped(citation.title)}}}",
        **_bibtex_date(citation),
        "howpublished": _escaped(f"{REGISTER}, {citation.agreement.ref}"),
        "note": _escaped(citation.description),
        "abstract": _escaped(citation.summary),
        "keywords": _escaped(", ".join(citation.areas)),
        "number": _escaped("; ".join(_identifiers(citation))),
        "doi": _escaped(citation.doi),
        "url": citation.url,
        "urldate": citation.today.isoformat(),
    }
    # a month is a bare word that the style writes out in its own language
    lines = [
        f"  {name} = {value if name == 'month' else f'{{{value}}}'},\n"
        for name, value in fields.items()
        if value
    ]
    return f"@misc{{{citation.agreement.ref},\n{''.join(lines)}}}\n"


def _identifiers(citation: Citation) -> list[str]:
    """Return the identifiers elsewhere as “CELEX number 22021A0430(01)”, without the DOI, which has its own field."""
    return [
        one_line(f"{row.label} {row.value}")
        for row in citation.identifiers
        if row.value != citation.doi
    ]


def _bibtex_date(citation: Citation) -> dict[str, str]:
    signed = citation.signed
    if signed is None:
        interval = citation.agreement.signed
        return {"year": _escaped(in_words(interval))} if interval else {}
    return {
        "year": str(signed.year),
        "month": _MONTHS[signed.month - 1] if signed.month else "",
        "day": str(signed.day) if signed.day else "",
    }


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def ris(citation: Citation) -> str:
    """Return the record, a report with one tag per line. Each value is on one line, so that none looks like a tag."""
    filled = [(tag, value) for tag, value in _ris_tags(citation) if value]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in filled) + "ER  - \r\n"


def _ris_tags(citation: Citation) -> Iterator[tuple[str, str]]:
    yield "TY", "RPRT"
    yield "ID", citation.agreement.ref
    yield "TI", citation.title
    yield "PB", REGISTER
    yield "SN", citation.agreement.ref
    yield "M3", citation.instrument
    yield "PY", str(citation.signed.year) if citation.signed else ""
    yield "DA", _ris_date(citation)
    yield "AB", citation.summary
    yield from (("KW", area) for area in citation.areas)
    yield "N1", citation.description
    yield from (("N1", one) for one in _identifiers(citation))
    yield "DO", citation.doi
    yield "UR", citation.url
    yield "Y2", f"{citation.today:%Y/%m/%d}/"


def _ris_date(citation: Citation) -> str:
    """Return year, month, day and, if the date is qualified, the date in words: `2023/10//about October 2023`."""
    signed = citation.signed
    if signed is None:
        return ""
    parts = [f"{part:02}" if part else "" for part in (signed.year, signed.month, signed.day)]
    words = in_words(citation.agreement.signed) if citation.agreement.signed else ""
    return "/".join([*parts, words if signed.qualifier else ""])

"""A citation as a BibTeX entry, in UTF-8, as LaTeX and reference managers read it."""

from agreements.domain.partial_dates import in_words
from agreements.exchange.citations.citation import Citation
from agreements.exchange.exporting.extracts import REGISTER

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# BibTeX counts braces even behind a backslash, so a brace must be named to stand for itself.
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
    """Return the entry, keyed by the reference; the note says of a date how well it is known."""
    fields = {
        # The second pair of braces keeps styles from taking capitals away.
        "title": f"{{{_escaped(citation.title)}}}",
        **_date(citation),
        "howpublished": _escaped(f"{REGISTER}, {citation.agreement.ref}"),
        "note": _escaped(citation.description),
        "abstract": _escaped(citation.summary),
        "keywords": _escaped(", ".join(citation.areas)),
        "url": citation.address,
        "urldate": citation.today.isoformat(),
    }
    lines = [f"  {name} = {_value(name, value)},\n" for name, value in fields.items() if value]
    return f"@misc{{{citation.agreement.ref},\n{''.join(lines)}}}\n"


def _date(citation: Citation) -> dict[str, str]:
    signed = citation.signed
    if signed is None:
        interval = citation.agreement.signed
        return {"year": _escaped(in_words(interval))} if interval else {}
    return {
        "year": str(signed.year),
        "month": _MONTHS[signed.month - 1] if signed.month else "",
        "day": str(signed.day) if signed.day else "",
    }


def _value(name: str, value: str) -> str:
    """Months are words that the style writes out in its own language; everything else is text in braces."""
    return value if name == "month" else f"{{{value}}}"


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)

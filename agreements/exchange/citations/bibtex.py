"""A citation as a BibTeX entry in UTF-8, for LaTeX and reference managers."""

from agreements.domain.partial_dates import in_words
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
    """Return the entry, keyed by the reference; the note says how exactly the date is known."""
    fields = {
        # the second pair of braces keeps styles from changing capital letters
        "title": f"{{{_escaped(citation.title)}}}",
        **_date(citation),
        "howpublished": _escaped(f"{REGISTER}, {citation.agreement.ref}"),
        "note": _escaped(citation.description),
        "abstract": _escaped(citation.summary),
        "keywords": _escaped(", ".join(citation.areas)),
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


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)

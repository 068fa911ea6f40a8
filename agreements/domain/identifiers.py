"""The schemes of identifiers that the register knows: their labels, the form of their values, and where these lead.

An identifier of any other scheme is shown as it was typed. To add a scheme, add a line to `SCHEMES`.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Marks records that an import recognises by the contents of a row; never shown.
IMPORTED_ROW = "imported-row"


@dataclass(frozen=True)
class Scheme:
    """A numbering of agreements elsewhere.

    `pattern` is what values look like, `example` is one; `url` leads to the agreement, with `{value}` in its place, and is
    empty if the other register has no such URLs. `prefixes` are what people copy along with a value.
    """

    code: str
    label: str | Promise
    pattern: str
    example: str
    url: str = ""
    prefixes: tuple[str, ...] = ()

    def fits(self, value: str) -> bool:
        """Whether a value has the form of this scheme."""
        return re.fullmatch(self.pattern, value, re.ASCII) is not None

    def tidied(self, value: str) -> str:
        """Return the value without what people copy along with it: https://doi.org/10.1000/1 is 10.1000/1."""
        for prefix in self.prefixes:
            if value.casefold().startswith(prefix):
                return value[len(prefix) :].strip()
        return value


SCHEMES = {
    scheme.code: scheme
    for scheme in (
        Scheme(
            "un-registration",
            _("United Nations registration number"),
            r"(?:(?:I|II)-)?[1-9]\d{0,5}",
            "I-54669",
        ),
        Scheme(
            "unts",
            _("United Nations Treaty Series, volume and page"),
            r"[1-9]\d{0,3} UNTS [1-9]\d{0,3}",
            "1155 UNTS 331",
        ),
        Scheme(
            "celex",
            _("CELEX number"),
            r"[0-9CE]\d{4}[A-Z]{1,2}\d{4}(?:\(\d{2}\))?",
            "22021A0430(01)",
            "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:{value}",
            ("https://eur-lex.europa.eu/legal-content/en/txt/?uri=celex:", "celex:"),
        ),
        Scheme(
            "doi",
            _("DOI"),
            r"10\.\d{4,9}/[!-~]+",
            "10.1000/182",
            "https://doi.org/{value}",
            (
                "https://doi.org/",
                "http://doi.org/",
                "https://dx.doi.org/",
                "http://dx.doi.org/",
                "doi:",
            ),
        ),
        Scheme(
            "coe-treaty",
            _("Council of Europe Treaty Series"),
            r"\d{3}",
            "185",
            "https://www.coe.int/en/web/conventions/full-list?module=treaty-detail&treatynum={value}",
        ),
        Scheme("uk-treaties-online", _("UK Treaties Online"), r"[1-9]\d*", "10000"),
        Scheme(
            "uk-treaty-series",
            _("UK Treaty Series"),
            r"No\. ?[1-9]\d{0,2} \([12]\d{3}\)",
            "No. 12 (1999)",
        ),
        Scheme(
            "uk-command-paper", _("UK Command Paper"), r"C(?:d|md|mnd|m|P)?\.? ?\d{1,4}", "Cm 4256"
        ),
        Scheme(
            "tias",
            _("United States Treaties and Other International Acts Series"),
            r"[\d.-]+",
            "12345",
        ),
        Scheme(
            "e-qanun",
            _("Legislation of Azerbaijan (e-qanun.az)"),
            r"[1-9]\d{0,6}",
            "46816",
            "https://e-qanun.az/framework/{value}",
            ("https://e-qanun.az/framework/", "http://e-qanun.az/framework/"),
        ),
        Scheme("national-series", _("National treaty series"), r".+", "1999, 12"),
    )
}


def label_of(code: str) -> str:
    """Return the label of a scheme; of an unknown one, its code as it was typed."""
    return str(SCHEMES[code].label) if code in SCHEMES else code


def url_of(code: str, value: str) -> str:
    """Return where an identifier leads; empty if its scheme has no URLs or the value cannot be one of its."""
    scheme = SCHEMES.get(code)
    if scheme is None or not scheme.url or not scheme.fits(value):
        return ""
    return scheme.url.format(value=quote(value, safe="/()-.:"))


def code_of(typed: str) -> str:
    """Return the code of the known scheme with this code or label; what was typed if there is none."""
    wanted = typed.strip().casefold()
    known = (s.code for s in SCHEMES.values() if wanted in (s.code, str(s.label).casefold()))
    return next(known, typed.strip())

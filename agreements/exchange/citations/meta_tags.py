"""A record as meta tags in the head of its page: Dublin Core, and those of Highwire Press, which Zotero reads.

The tags are those of a technical report, with the register as its institution: from a title alone, Zotero would make a
journal article. The parties are not given as authors, because every reader of these tags splits names into first and
last; the description names them.
"""

from collections.abc import Iterator

from django.utils.translation import get_language

from agreements.exchange.citations.citation import Citation
from agreements.exchange.exporting.extracts import LICENCE_ADDRESS, REGISTER


def meta_tags(citation: Citation) -> list[tuple[str, str]]:
    """Return the names and contents of the tags, in page order; no query."""
    tags = [*_dublin_core(citation), *_highwire(citation)]
    return [(name, content) for name, content in tags if content]


def _dublin_core(citation: Citation) -> Iterator[tuple[str, str]]:
    yield "DC.title", citation.title
    yield "DC.type", "Text"
    yield "DC.identifier", citation.url
    yield "DC.publisher", REGISTER
    # Dublin Core accepts partial dates as they are stored (EDTF).
    yield "DC.date", str(citation.agreement.signed or "")
    yield "DC.description", citation.description
    yield "DC.rights", LICENCE_ADDRESS
    yield from (("DC.subject", area) for area in citation.areas)


def _highwire(citation: Citation) -> Iterator[tuple[str, str]]:
    plain = citation.plain_date
    yield "citation_title", citation.title
    yield "citation_technical_report_institution", REGISTER
    yield "citation_technical_report_number", citation.agreement.ref
    yield "citation_publication_date", plain.bare.replace("-", "/") if plain else ""
    yield "citation_abstract_html_url", citation.url
    yield "citation_public_url", citation.url
    yield "citation_keywords", "; ".join(citation.areas)
    yield "citation_language", get_language() or ""

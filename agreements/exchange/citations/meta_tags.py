"""A record as meta tags in the head of its page: Dublin Core, and those of Highwire Press, which Zotero reads.

The tags are those of a technical report, with the register as its institution: from a title alone, Zotero would make a
journal article. The parties are not given as authors, because every reader of these tags splits names into first and
last; the description names them.
"""

from django.utils.translation import get_language

from agreements.exchange.citations.citation import Citation
from agreements.exchange.exporting.extracts import LICENCE_ADDRESS, REGISTER


def meta_tags(citation: Citation) -> list[tuple[str, str]]:
    """Return the names and contents of the tags, in page order; no query."""
    plain = citation.plain_date
    tags = [
        ("DC.title", citation.title),
        ("DC.type", "Text"),
        ("DC.identifier", citation.url),
        ("DC.publisher", REGISTER),
        # Dublin Core accepts partial dates as they are stored (EDTF).
        ("DC.date", str(citation.agreement.signed or "")),
        ("DC.description", citation.description),
        ("DC.rights", LICENCE_ADDRESS),
        *(("DC.subject", area) for area in citation.areas),
        ("citation_title", citation.title),
        ("citation_technical_report_institution", REGISTER),
        ("citation_technical_report_number", citation.agreement.ref),
        ("citation_publication_date", plain.bare.replace("-", "/") if plain else ""),
        ("citation_abstract_html_url", citation.url),
        ("citation_public_url", citation.url),
        ("citation_keywords", "; ".join(citation.areas)),
        ("citation_language", get_language() or ""),
    ]
    return [(name, content) for name, content in tags if content]

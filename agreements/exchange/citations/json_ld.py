"""A record as linked data (schema.org) for search engines: a page about an agreement, and its sources.

The agreement is a `CreativeWork`, not `Legislation`: whether it is binding is a separate finding, which no format may
imply. Only plain dates are given, because schema.org cannot say "about".
"""

import json
from collections.abc import Iterable

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from agreements.domain.choices import PartyKind, Role
from agreements.domain.urls import permanent
from agreements.exchange.citations.citation import Citation
from agreements.exchange.exporting.extracts import LICENCE_ADDRESS, REGISTER
from agreements.exchange.exporting.rows import moment
from agreements.models import Source

Node = dict[str, object]

# A state acts through its government: in schema.org, a country cannot be a creator.
_TYPES = {
    PartyKind.STATE: "GovernmentOrganization",
    PartyKind.MINISTRY: "GovernmentOrganization",
    PartyKind.AGENCY: "GovernmentOrganization",
    PartyKind.SUBNATIONAL: "GovernmentOrganization",
    PartyKind.CITY: "GovernmentOrganization",
    PartyKind.PARLIAMENT: "GovernmentOrganization",
    PartyKind.COURT: "GovernmentOrganization",
    PartyKind.CENTRAL_BANK: "GovernmentOrganization",
    PartyKind.UNIVERSITY: "CollegeOrUniversity",
    PartyKind.RESEARCH_INSTITUTE: "ResearchOrganization",
    PartyKind.TRADE_UNION: "WorkersUnion",
    PartyKind.COMPANY: "Corporation",
    PartyKind.NGO: "NGO",
}
# Only these characters could end the script element.
_ESCAPES = {ord(char): f"\\u{ord(char):04X}" for char in "<>&\u2028\u2029"}


def json_ld(citation: Citation, sources: Iterable[Source]) -> SafeString:
    """Return the JSON for a script element of type application/ld+json; no query."""
    text = json.dumps(_filled(_page(citation, sources)), ensure_ascii=False)
    return mark_safe(text.translate(_ESCAPES))  # noqa: S308 - what could end the element is escaped


def _filled(node: object) -> object:
    """Return the node without empty values, at any depth."""
    if isinstance(node, list):
        return [_filled(each) for each in node]
    if isinstance(node, dict):
        return {name: _filled(value) for name, value in node.items() if value}
    return node


def _page(citation: Citation, sources: Iterable[Source]) -> Node:
    agreement = citation.agreement
    return {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "@id": citation.url,
        "url": citation.url,
        "name": citation.title,
        "inLanguage": get_language(),
        "datePublished": moment(agreement.published_at) if agreement.published_at else None,
        "dateModified": moment(agreement.updated_at),
        "license": LICENCE_ADDRESS,
        "isPartOf": {"@type": "WebSite", "name": REGISTER, "url": permanent("/")},
        "isBasedOn": [_source(source) for source in sources],
        "mainEntity": _agreement(citation),
    }


def _agreement(citation: Citation) -> Node:
    agreement = citation.agreement
    return {
        "@type": "CreativeWork",
        "@id": f"{citation.url}#agreement",
        "name": citation.title,
        "identifier": _identifiers(citation),
        "genre": citation.instrument,
        "abstract": citation.summary,
        "dateCreated": citation.plain_date.bare if citation.plain_date else None,
        "locationCreated": agreement.place and {"@type": "Place", "name": agreement.place},
        "creator": [
            {
                "@type": _TYPES.get(PartyKind(row.party.kind), "Organization"),
                "name": row.party.name,
                "url": permanent(row.party.get_absolute_url()),
                "sameAs": row.party.website,
            }
            for row in agreement.participations.all()
            if row.role == Role.PARTY
        ],
        "about": [
            {
                "@type": "DefinedTerm",
                "name": area.name,
                "termCode": area.slug,
                "url": permanent(area.get_absolute_url()),
            }
            for area in agreement.areas.all()
        ],
    }


def _identifiers(citation: Citation) -> object:
    """Return the reference, and with it the identifiers elsewhere, each with its scheme, if there are any."""
    elsewhere = [
        {"@type": "PropertyValue", "propertyID": row.label, "value": row.value, "url": row.url}
        for row in citation.identifiers
    ]
    return [citation.agreement.ref, *elsewhere] if elsewhere else citation.agreement.ref


def _source(source: Source) -> Node:
    date = source.published
    is_plain = date and not (date.is_interval or date.is_approximate or date.is_uncertain)
    return {
        "@type": "CreativeWork",
        "name": source.title or source.url,
        "url": source.url,
        "publisher": {"@type": "Organization", "name": source.publisher},
        "author": source.author and {"@type": "Person", "name": source.author},
        "datePublished": str(date) if is_plain else None,
        "inLanguage": source.language,
    }

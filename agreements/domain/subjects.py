"""What an agreement is about, from its title: what is left without the words that name the instrument and its parties.

Lists show partner and kind in columns of their own, so that “Memorandum of understanding between the Ministry of … and
the Ministry of … on labour migration” says in the line only “Labour migration”. The record itself, files and citations
keep the whole title. A title that is built in another way, or is in another language, is returned whole: a wrong cut
would be worse than none.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_QUALIFIERS = (
    "proposed|draft|supplementary|supplemental|additional|further|second|third|final|joint|framework|general|basic|bilateral|"
    "administrative|interim|provisional|preliminary|inter-?governmental|inter-?ministerial|inter-?agency|agreed|explanatory|"
    "technical|working|special|implementing"
)
_NOUNS = (
    "agreements?|memorand(?:um|a) of (?:understanding|agreement|co-?operation|intent)|memorandum|conventions?|treaty|"
    "protocol|arrangements?|(?:exchanges? of )?(?:notes|letters|despatches)|exchange of declarations|declarations?|"
    "communiqu[eé]|"
    "letter of (?:intent|understanding)|statement|minutes?|accord|pact|contract|understanding|programme|plan|action plan|"
    "programme of (?:action|co-?operation)|plan of action|road ?map|charter"
)
_BODIES = (
    "ministry|minister|ministries|ministers|department|agency|office|service|services|committee|commission|council|centre|center|board|bureau|"
    "directorate|administration|authority|institute|institution|organi[sz]ation|association|foundation|fund|bank|union|"
    "federation|society|secretary|secretariat|commissioner|representative|inspectorate|academy|university|college|school|"
    "programme|conference|court|chamber|alliance|network|house|forum|corporation|company|initiative|delegate|ombudsman|"
    "director|chairman|president|staff|delegation|mission|control|supervision|policy|coordinator"
)
_CHANGES = (
    "amending|extending|prolonging|renewing|modifying|supplementing|terminating|replacing|revising|implementing|approving|"
    "establishing|abolishing|prohibiting|regulating|confirming|recording|continuing|suspending|cancelling|superseding|"
    "correcting|rectifying|interpreting|applying|reviving|altering|defining|fixing|granting"
)
_DOINGS = (
    "promote|establish|facilitate|prevent|avoid|regulate|extend|amend|abolish|encourage|strengthen|co-?operate|support|"
    "develop|combat|provide|improve|settle|suppress|secure|protect|ensure|implement|enhance"
)

_BARE = re.compile(
    rf"(?:the )?(?:(?:{_QUALIFIERS})[ ,]+)*(?:{_NOUNS})(?: (?:no\.? ?\d+|exchanged|signed|concluded))?"
    r"(?: \((?:together )?with [^)]*\))?(?: constituting an? (?:agreement|arrangement))?,?",
    re.IGNORECASE,
)
_PARTIES = re.compile(
    r"\b(?:exchanged |concluded |signed )?between\b.+?\band\b", re.IGNORECASE | re.DOTALL
)
_QUOTED = re.compile(r"(?P<before>[^“«\"„]*)[“«\"„](?P<name>[^“”«»\"„]{8,})[”»\"“]\.?", re.DOTALL)
# what comes with the agreement, at the end of its title
_WITH = re.compile(
    r"\s*(?:\[(?:together )?with [^\]]*\]|\((?:together )?with [^)]*\))\.?$", re.IGNORECASE
)

# these words lead to the subject and are no part of it
_ABOUT = (
    r"concerning|regarding|respecting|relat(?:ing|ive) to|as regards|(?:with|in) (?:regard|relation) to"
    r"|(?:with|in) respect (?:to|of)(?= (?:the )?(?-i:[a-z]))"
    r"|on(?! (?:the )?(?:\d|behalf\b|one\b|other\b|part\b|its\b|their\b|his\b|her\b|condition|terms|basis|occasion"
    r"|(?:january|february|march|april|may|june|july|august|september|october|november|december)\b))"
)
_FIELD = r"in the (?:fields?|areas?|spheres?) of"
_FOR = r"for(?! (?:and\b|its\b|their\b|his\b|her\b|the (?:one|other|time|year|period|term)\b|\d))"
_LEAD = re.compile(
    rf"(?P<body>\b(?:{_BODIES})s?)?,?\s+(?:(?P<about>{_ABOUT})|(?P<field>{_FIELD})|(?P<for>{_FOR})"
    rf"|(?P<change>(?:further )?(?:{_CHANGES}))|(?P<doing>to(?= (?:{_DOINGS})\b)))\s+",
    re.IGNORECASE,
)
# “for” in a name that nobody foresaw: “the Women for Peace of … on …”
_STRONG = re.compile(rf"\s(?:{_ABOUT})\s", re.IGNORECASE)
_PLAIN_FOR = re.compile(r"the |\w+ing |(?-i:[a-z])", re.IGNORECASE)
# “Additional article to the Treaty between …”: the parties are those of the other agreement
_OF_ANOTHER = re.compile(rf"\b(?:to|of|under) (?:the |an? )?(?:{_NOUNS})\b", re.IGNORECASE)
_SHORTEST = 4


class _Found(NamedTuple):
    """What a lead leads to: the subject, and the same with the lead's own words."""

    subject: str
    led: str


@lru_cache(maxsize=10_000)
def subject_of(title: str) -> str:
    """Return the subject that the title names, beginning with a capital; the whole title if it names none."""
    subject = _cut(" ".join(title.split()))
    if subject is None or len(subject) < _SHORTEST or not subject[0].isalpha():
        return title
    return subject[0].upper() + subject[1:]


def _cut(title: str) -> str | None:
    quoted = _QUOTED.fullmatch(title)
    if quoted and (_is_bare(quoted["before"]) or _PARTIES.search(quoted["before"])):
        return quoted["name"].strip()
    title = _WITH.sub("", title)
    parties = _PARTIES.search(title)
    if parties is None:
        return _after_kind(title)
    return _around(title[: parties.start()].rstrip(" ,"), title, title[parties.end() :])


def _around(head: str, title: str, tail: str) -> str | None:
    """Return the subject of “head between … and tail”."""
    if not _is_bare(head):
        begun = _after_kind(head)
        if begun and _changes(head, begun):
            # the parties are those of the agreement that is changed
            return _after_kind(title)
        if begun is None and _OF_ANOTHER.search(head):
            return None
        led = _led(tail)
        return f"{begun or head} {led.led}" if led else begun or head
    led = _led(tail)
    return led.subject if led else None


def _after_kind(title: str) -> str | None:
    """Return the subject of “Agreement on …”; None if the title begins in another way."""
    kind = _BARE.match(title)
    if kind is None:
        return None
    rest = title[kind.end() :]
    lead = _LEAD.match(rest if rest.startswith(" ") else f" {rest}")
    return _of(lead, rest).subject if lead else None


def _changes(head: str, begun: str) -> bool:
    return re.match(rf"(?:further )?(?:{_CHANGES})\b", begun, re.IGNORECASE) is not None


def _is_bare(head: str) -> bool:
    """Return whether these words only say what kind of instrument it is."""
    return _BARE.fullmatch(head.strip(" ,")) is not None


def _led(tail: str) -> _Found | None:
    """Return what the first lead after the parties leads to; None without one, or if it may belong to a name."""
    for lead in _LEAD.finditer(tail):
        if lead["body"]:
            continue
        rest = tail[lead.end() :]
        if (lead["for"] or lead["field"]) and _STRONG.search(rest) and not _PLAIN_FOR.match(rest):
            return None
        return _of(lead, tail)
    return None


def _of(lead: re.Match[str], text: str) -> _Found:
    led = text[lead.start() :].lstrip(" ,") if not lead["body"] else text
    if lead["change"] or lead["doing"]:
        return _Found(led, led)
    return _Found(re.sub(r"^the (?=\S)", "", text[lead.end() :], flags=re.IGNORECASE), led)

"""Language tags (BCP 47, RFC 5646): their usual writing, and the languages they name."""

import re

from django.conf.locale import LANG_INFO
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

# language, script, region and variants, in this order; private and grandfathered tags are not used for texts of agreements
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|\d{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*)",
    re.IGNORECASE | re.ASCII,
)

# Languages of treaties that Django does not name.
_NAMES = {
    "am": _("Amharic"),
    "ku": _("Kurdish"),
    "la": _("Latin"),
    "lo": _("Lao"),
    "mt": _("Maltese"),
    "ps": _("Pashto"),
    "si": _("Sinhala"),
    "so": _("Somali"),
    "zh": _("Chinese"),
}


def language_tag(text: str) -> str:
    """Return the tag in its usual writing: SR-latn-rs is sr-Latn-RS. Empty if the text is not a tag."""
    found = _TAG.fullmatch(text.strip().replace("_", "-"))
    if found is None:
        return ""
    script, region = found["script"], found["region"]
    parts = [found["language"].lower(), script and script.title(), region and region.upper()]
    return "-".join(filter(None, parts)) + found["variants"].lower()


def language_in_words(tag: str) -> str:
    """Return the name of the language in the active language; the tag itself if it is not known."""
    base, _hyphen, more = tag.partition("-")
    whole, of_base = _name(tag.lower()), _name(base)
    if whole or not of_base:
        return whole or tag
    return f"{of_base} ({more})"


def _name(tag: str) -> str:
    if tag in LANG_INFO:
        return str(get_language_info(tag)["name_translated"])
    return str(_NAMES.get(tag, ""))

"""What an agreement is about, from its title: what is left without the words that name the instrument and its parties.

Lists show partner and kind in columns of their own, so that “Memorandum of understanding between the Ministry of … and
the Ministry of … on labour migration” says in the line only “Labour migration”. The record itself, files and citations
keep the whole title.
"""

import re
from functools import lru_cache

# what leads to the subject, the plainest first: a party's own name may contain the later ones
_LEADS = (
    r"(?:concerning|regarding|relating to|with (?:respect|regard) to|in respect of)",
    r"on",
    r"(?=(?:for|in the (?:field|area|sphere)s? of|to) )",
)
_PARTIES = re.compile(r"\bbetween\b.+?\band\b", re.IGNORECASE)
_SHORTEST = 4


@lru_cache(maxsize=10_000)
def subject_of(title: str) -> str:
    """Return the subject that the title names, beginning with a capital; the whole title if it names none."""
    parties = _PARTIES.search(title)
    if parties is None:
        return title
    rest = title[parties.end() :]
    for lead in _LEADS:
        found = re.search(rf"\s{lead}\s*(.+)", rest, re.IGNORECASE | re.DOTALL)
        if found and len(found[1]) >= _SHORTEST:
            subject = found[1].strip()
            return subject[0].upper() + subject[1:]
    return title

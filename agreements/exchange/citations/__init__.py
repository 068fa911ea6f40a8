"""Citations of the register's records, for people and reference managers.

What is cited is the record: its title, the register, its reference and its permanent URL. The date of signature is given
as precisely as it is known, never more so.
"""

from agreements.exchange.citations.citation import Citation
from agreements.exchange.citations.json_ld import json_ld
from agreements.exchange.citations.meta_tags import meta_tags
from agreements.exchange.citations.reference_managers import bibtex, ris

__all__ = ["Citation", "bibtex", "json_ld", "meta_tags", "ris"]

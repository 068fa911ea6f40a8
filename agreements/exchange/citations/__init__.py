"""Citations of the register's records, for people and reference managers.

A citation names the record's title, the register, the reference and the permanent URL. It gives the date of signature
exactly as precisely as it is known.
"""

from agreements.exchange.citations.citation import Citation
from agreements.exchange.citations.json_ld import json_ld
from agreements.exchange.citations.meta_tags import meta_tags
from agreements.exchange.citations.reference_managers import bibtex, ris

__all__ = ["Citation", "bibtex", "json_ld", "meta_tags", "ris"]

"""How a record of the register is cited, by people and by their reference managers.

What is cited is the record: its title, the register that keeps it, its reference and its permanent address. The date
of signature is given as precisely as it is known and never more so.
"""

from agreements.exchange.citations.bibtex import bibtex
from agreements.exchange.citations.citation import Citation
from agreements.exchange.citations.json_ld import json_ld
from agreements.exchange.citations.meta_tags import meta_tags
from agreements.exchange.citations.ris import ris

__all__ = ["Citation", "bibtex", "json_ld", "meta_tags", "ris"]

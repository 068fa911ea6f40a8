"""Merges two parties that are the same body into one row, and undoes such a merge.

The admin shows what a merge would do and calls `merge` or `undo`. Nothing is lost of the party that is merged away: its
names become spellings, its slug redirects, and a `PartyMerge` keeps what is needed to bring it back.
"""

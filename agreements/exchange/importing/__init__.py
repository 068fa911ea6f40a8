"""Imports files of agreements: reads them, compares them with the register, writes them and can undo that.

A file passes through four stages. `readers` turn it into rows, whatever its format. A mapping turns the rows into one
`Statement` for each agreement: `own_rows` and `own_records` for the register's own files, `foreign` for any other,
following a profile. `planning` notes in each statement what would change and says so in words. `writing` makes the
changes, many records at a time. The admin and `manage.py import_agreements` call `runs`, and `undoing` to go back.
"""

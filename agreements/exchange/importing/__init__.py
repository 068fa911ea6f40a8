"""Files of agreements taken into the register: read, mapped, compared, written, and taken out again.

A file goes through five hands. `readers` make rows of it, whatever its format; a `profile` says what its columns mean
and makes of the rows what they state of each agreement; `reconciling` finds the parties that are meant; `planning`
compares that with the register and says in words what would change; `writing` does it, many records at a time. The admin
and `manage.py import_agreements` call `runs`, and `undoing` to go back.
"""

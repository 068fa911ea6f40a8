"""Files of agreements imported into the register: read, mapped, compared, written and, if need be, undone.

A file passes through five stages. `readers` turn it into rows, whatever its format; a `profile` says what its columns
mean and turns the rows into statements about each agreement; `reconciling` finds the parties they mean; `planning`
compares the statements with the register and says in words what would change; `writing` makes the changes, many
records at a time. The admin and `manage.py import_agreements` call `runs`, and `undoing` to go back.
"""

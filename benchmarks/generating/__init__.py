"""Generates a register of any size from a number and a seed, to measure the application with.

`manage.py generate_register` calls `generate`. Its records are as uneven as real ones and contain everything the
application would derive; the same number and seed give the same rows on either database.
"""

from benchmarks.generating.running import Generated, RegisterNotEmptyError, generate

__all__ = ["Generated", "RegisterNotEmptyError", "generate"]

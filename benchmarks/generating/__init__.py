"""Makes a register of any size out of nothing but a number and a seed, to measure the application with.

`manage.py generate_register` calls `generate`. Its records are as uneven as real ones and hold what the application
itself would have derived; the same number and seed make the same rows on either database.
"""

from benchmarks.generating.running import Generated, RegisterNotEmptyError, generate

__all__ = ["Generated", "RegisterNotEmptyError", "generate"]

"""Every version of every record: who changed it, when and why, and what it said afterwards.

Everything that writes to the register writes within `recorded`: the admin, imports, merges, commands. The versions are
in the tables of django-reversion; each holds a whole record (an agreement with all its rows and areas), so that any
two can be compared and any can be restored.
"""

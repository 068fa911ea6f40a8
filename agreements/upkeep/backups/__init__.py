"""Copies of the whole register: `taking` writes one, `restoring` makes a register of it, `verifying` proves it whole.

A backup is a folder: the database in a file of its own format, the uploaded files, and `manifest.json`, which says
what belongs to it. The manifest is written last, so a folder without one is not a backup.
"""

from agreements.upkeep.backups.manifest import BackupError, Manifest
from agreements.upkeep.backups.restoring import restore
from agreements.upkeep.backups.taking import back_up
from agreements.upkeep.backups.verifying import findings

__all__ = ["BackupError", "Manifest", "back_up", "findings", "restore"]

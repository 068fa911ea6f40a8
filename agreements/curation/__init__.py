"""How records are kept right: history, publication, merging, edit conflicts, duplicates and quality checks."""

"""How records are kept correct: history, publication, merging, edit conflicts, duplicates and quality checks."""

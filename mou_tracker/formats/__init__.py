"""Date and time formats, because Django's own for English are American."""

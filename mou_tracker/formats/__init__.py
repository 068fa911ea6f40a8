"""Formats of dates and times, where Django would use the American ones."""

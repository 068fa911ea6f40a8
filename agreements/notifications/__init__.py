"""E-mails and calendars for staff: what they follow, reminders, and private calendars."""

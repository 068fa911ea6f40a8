"""Who is told of what: followed agreements, reminders and private calendars."""

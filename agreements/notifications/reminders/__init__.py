"""E-mail reminders for staff: what is due, how it is worded, and the run that sends each e-mail once."""

"""E-mail reminders for staff: what is due, how it is worded, and the run that tells each person once."""

from agreements.notifications.reminders.mail import Mailer, written
from agreements.notifications.reminders.run import Report, send_reminders, why_unreachable

__all__ = ["Mailer", "Report", "send_reminders", "why_unreachable", "written"]

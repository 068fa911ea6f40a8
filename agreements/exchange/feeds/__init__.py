"""Subscriptions to a selection: the latest changes for feed readers, and known dates for calendars."""

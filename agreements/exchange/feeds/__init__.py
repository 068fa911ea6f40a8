"""The selection as something to subscribe to: the latest changes for feed readers, and the known days for calendars."""

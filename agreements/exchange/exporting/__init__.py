"""The selection as files: one module a format, all of them streaming the same rows."""

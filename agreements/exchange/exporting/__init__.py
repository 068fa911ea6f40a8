"""The selection as files: one module per format, all streaming the same rows."""

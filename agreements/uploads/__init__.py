"""What an uploaded file really is, and whether it is safe to keep."""

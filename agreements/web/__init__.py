"""The public pages, files and API."""

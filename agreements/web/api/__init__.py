"""The API: the same selections and records as the pages and files, as paginated JSON."""

"""The API: the selections and records of the pages and files, as paginated JSON."""

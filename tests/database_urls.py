"""The URL of a database of these tests, for another process."""

from django.db import connection


def database_url(name: str = "") -> str:
    """Return the URL of the database that the test uses, or of another one on the same PostgreSQL server."""
    used = connection.settings_dict
    name = name or used["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    password = f":{used['PASSWORD']}" if used["PASSWORD"] else ""
    host, port = used["HOST"], used["PORT"] or 5432
    if not host or host.startswith("/"):
        return f"postgres://{used['USER']}{password}@/{name}?host={host}&port={port}"
    return f"postgres://{used['USER']}{password}@{host}:{port}/{name}"

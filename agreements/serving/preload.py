"""What a server loads before it takes requests, so that the first visitor does not wait for it."""

import gc
import logging

from django.db import Error, connections
from django.urls import get_resolver

from agreements.counting.column_store import current_columns, tidy_up

logger = logging.getLogger(__name__)


def preload() -> None:
    """Import every view and load the column store; if there is no register yet, the first request loads it.

    Under gunicorn's `--preload` this happens once, and the workers share the memory. So the garbage collector must leave
    that memory alone (it would write into it), and no connection may stay open for several processes to use.
    """
    get_resolver().url_patterns  # noqa: B018 - the access imports them
    try:
        current_columns()
    except Error as error:
        logger.warning("The register cannot be read yet: %s", error)
    finally:
        for connection in connections.all(initialized_only=True):
            connection.close()
            if connection.vendor == "postgresql":
                connection.close_pool()  # type: ignore[attr-defined]
    gc.collect()
    tidy_up()
    gc.freeze()

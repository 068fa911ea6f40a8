"""What a server does before it takes requests, so that the first visitor need not wait for it."""

import gc
import logging

from django.db import DatabaseError, connections
from django.urls import get_resolver

from agreements.counting.column_store import current_columns, tidy_up

logger = logging.getLogger(__name__)


def warm() -> None:
    """Import every view and read the columns; without a register yet, whoever asks first reads them.

    Under gunicorn's `--preload` this happens once, and its workers share the memory: what is there is kept out of the
    garbage collector's rounds, which would write into it, and no connection is left open for several processes to use.
    """
    get_resolver().url_patterns  # noqa: B018 - imports them
    try:
        current_columns()
    except DatabaseError as error:
        logger.warning("The register cannot be read yet: %s", error)
    finally:
        for connection in connections.all(initialized_only=True):
            connection.close()
            if connection.vendor == "postgresql":
                connection.close_pool()  # type: ignore[attr-defined]
    gc.collect()
    tidy_up()
    gc.freeze()

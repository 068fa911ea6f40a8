"""The settings under test: the real ones, without the machine's environment and without what is slow.

Only the database is taken from the environment, so that the same tests run on SQLite and PostgreSQL.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

for name in (
    "ALLOWED_HOSTS",
    "CACHE_URL",
    "DATABASE_REPLICA_URLS",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "DOCUMENTS_ROOT",
    "EMAIL_URL",
    "GENERATED_RECORDS",
    "LINK_CHECKS_ALLOWED_NETWORKS",
    "PROXIES",
    "REQUIRE_TOTP",
    "SECURITY_CONTACT",
    "SESSION_IDLE",
    "STATEMENT_TIMEOUT",
    "STATIC_ROOT",
    "TIME_ZONE",
):
    os.environ.pop(name, None)
os.environ["BASE_URL"] = "http://127.0.0.1:8000"
os.environ["SECRET_KEY"] = "signs nothing outside of the tests"

from mou_tracker.settings import *  # noqa: E402, F403
from mou_tracker.settings import DATABASES, DOCUMENTS_STORAGE, INSTALLED_APPS, STORAGES  # noqa: E402

# Its command generates registers for tests of the benchmarks; the setting that enables it stays off.
INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks"]

# Nobody needs these rows after a power cut, and waiting for the disk takes the most time.
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"
else:
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"

_documents = TemporaryDirectory(prefix="mou-tracker-documents-")
DOCUMENTS_ROOT = Path(_documents.name)
DOCUMENTS_STORAGE["OPTIONS"] |= {"location": DOCUMENTS_ROOT}

# Hashed names need collectstatic first; the finders serve the live server's pages.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True

# A slow hash is the point of a password hash, except here.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# The live server of the tests insists on a URL for uploads; there is nothing at it.
MEDIA_URL = "/no-uploads-here/"
MEDIA_ROOT = DOCUMENTS_ROOT / "no-uploads-here"

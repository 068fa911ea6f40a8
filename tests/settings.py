"""The settings for tests: the real ones, but without the machine's environment and faster.

Only the database is taken from the environment, so that the same tests run on SQLite and PostgreSQL.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

for name in (
    "ALLOWED_HOSTS",
    "CACHE_URL",
    "CLAMD",
    "DATABASE_REPLICA_URLS",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "DOCUMENTS_ROOT",
    "EMAIL_URL",
    "GENERATED_RECORDS",
    "BRIEF_TEMPLATE",
    "LINK_CHECKS_ALLOWED_NETWORKS",
    "METRICS_TOKEN",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_GROUPS_CLAIM",
    "OIDC_ISSUER",
    "OIDC_NAME",
    "OIDC_ROLES",
    "OUR_SIDE",
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

# These rows need not survive a power cut, and waiting for the disk takes most of the time.
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"
else:
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"

_documents = TemporaryDirectory(prefix="mou-tracker-documents-")
DOCUMENTS_ROOT = Path(_documents.name)
DOCUMENTS_STORAGE["OPTIONS"] |= {"location": DOCUMENTS_ROOT}

# Hashed names would need collectstatic first; here the finders serve static files.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True

# Slow password hashes are only useful in production.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# The live server requires a URL for uploads; nothing is served there.
MEDIA_URL = "/no-uploads-here/"
MEDIA_ROOT = DOCUMENTS_ROOT / "no-uploads-here"

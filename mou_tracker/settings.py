"""The settings of the register. Those that differ between machines come first and are read from the environment.

Without any variables the register runs on this machine only: SQLite, http, and a signing key that it generates and
stores. A site with any host name other than this machine's own is public, and the system checks in
`agreements.serving.deploy_checks` refuse to start it with unsafe settings.
"""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

from agreements.domain.states import country_labels
from agreements.security.local_secrets import stored_secret
from mou_tracker import environment

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
RELEASE: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]

# ---------------------------------------------------------------------------- the environment

# The site's own URL, scheme and host: links in files and feeds begin with it, and cookies and
# redirects follow its scheme. A public site needs https.
BASE_URL = environment.base_url("BASE_URL", default="http://127.0.0.1:8000")

# Other host names of the site, separated by commas; the host of BASE_URL is always included.
OWN_HOST = environment.host_of(BASE_URL)
ALLOWED_HOSTS = list(dict.fromkeys([OWN_HOST, *environment.values("ALLOWED_HOSTS")]))

# Signs sessions and password reset links: 50 random characters or more. A public site must set it; a
# local site generates one and stores it in var/secret-key.
SECRET_KEY = environment.env.str("SECRET_KEY", default="")

# Where the records are: sqlite:////path/to/file or postgres://user:password@host:5432/name.
DATABASE_URL = environment.database("DATABASE_URL", default=VAR_DIR / "db.sqlite3")

# Replicas of a PostgreSQL database that serve public reads, separated by commas.
REPLICAS = environment.replicas("DATABASE_REPLICA_URLS", primary=DATABASE_URL)

# How many seconds PostgreSQL may work on one query of a request; 0 means no limit.
STATEMENT_TIMEOUT = environment.seconds("STATEMENT_TIMEOUT", default=30)

# A Redis server as a cache shared by all servers: redis://:password@host:6379/0. Without it each
# process has its own small cache.
CACHE_URL = environment.cache("CACHE_URL")

# Where uploaded documents are stored. Never inside a folder that the web server serves.
DOCUMENTS_ROOT = environment.folder("DOCUMENTS_ROOT", default=VAR_DIR / "documents")

# Where collectstatic puts the style sheets, scripts and images that the application then serves.
STATIC_ROOT = environment.folder("STATIC_ROOT", default=VAR_DIR / "static")

# How many reverse proxies are in front, each adding to X-Forwarded-For and setting
# X-Forwarded-Proto. With 0 these headers are ignored, because anybody could have sent them.
PROXIES = environment.count("PROXIES")

# The time zone that decides which day is today.
TIME_ZONE = environment.time_zone("TIME_ZONE", default="Asia/Baku")

# Where to report a vulnerability: an e-mail address, or the https URL of a form. It is published at
# /.well-known/security.txt; if it is not set, that URL returns 404.
SECURITY_CONTACT = environment.contact("SECURITY_CONTACT")

# A ClamAV daemon that scans uploaded documents: unix:/run/clamav/clamd.ctl or tcp://host:3310. While
# the daemon does not answer, no file is accepted. Without one, files are not scanned for viruses.
CLAMD = environment.scanner("CLAMD")

# Private networks in which `manage.py check_links` may request pages, separated by commas: 10.1.0.0/16.
# It requests nothing in any other private network.
LINK_CHECKS_ALLOWED_NETWORKS = environment.networks("LINK_CHECKS_ALLOWED_NETWORKS")

# Prometheus must send this token to read /metrics: 20 random characters or more. Without one there is no /metrics.
METRICS_TOKEN = environment.token("METRICS_TOKEN")

# The mail server: smtp+tls://user:password@mail.example.org:587. Without one a local site prints its
# e-mails, and a public one sends none.
MAIL_SERVER = environment.mail_server("EMAIL_URL")

# The sender of e-mails: an e-mail address, optionally with a name before it.
DEFAULT_FROM_EMAIL = environment.sender(
    "DEFAULT_FROM_EMAIL", default=f"register@{environment.mail_host_of(BASE_URL)}"
)

# How many minutes without activity end a login.
SESSION_IDLE = environment.minutes("SESSION_IDLE", default=120)

# 1 requires two-factor authentication: every login also asks for a code from a phone.
REQUIRE_TOTP = environment.flag("REQUIRE_TOTP")

# Single sign-on (OpenID Connect): the provider's issuer URL. Without it, staff have local accounts only.
OIDC_ISSUER = environment.issuer("OIDC_ISSUER")

# The register's client at the provider, and its secret.
OIDC_CLIENT_ID = environment.text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = environment.text("OIDC_CLIENT_SECRET")

# What the button on the login page calls the provider.
OIDC_NAME = environment.text("OIDC_NAME", default=environment.host_of(OIDC_ISSUER))

# The claim that lists a person's groups, and the role of the register that each group gives, separated by
# commas: registrars=Publisher, everyone=Reader.
OIDC_GROUPS_CLAIM = environment.text("OIDC_GROUPS_CLAIM", default="groups")
OIDC_ROLES = environment.pairs("OIDC_ROLES")

# Our side in the briefs of parties, as an ISO 3166 code such as AZ: the brief of Türkiye then lists its agreements
# with Azerbaijan. Without it a brief lists all agreements of the party.
OUR_SIDE = environment.country("OUR_SIDE")

# The Word template of briefs, a .docx file; without one the register uses its own.
BRIEF_TEMPLATE = environment.text("BRIEF_TEMPLATE")

# 1 shows Django's error pages, which include source code. Refused on a public site.
DEBUG = environment.flag("DEBUG")

# 1 lets `manage.py generate_register` fill an empty register with made-up records for measurements.
# Refused on a public site.
GENERATED_RECORDS = environment.flag("GENERATED_RECORDS")

# ---------------------------------------------------------------------------- derived from it

IS_PUBLIC = not set(ALLOWED_HOSTS) <= set(environment.LOCAL_HOSTS)
IS_HTTPS = BASE_URL.startswith("https://")

if not IS_PUBLIC:
    ALLOWED_HOSTS = environment.LOCAL_HOSTS
    SECRET_KEY = SECRET_KEY or stored_secret(VAR_DIR / "secret-key", get_random_secret_key)

CSRF_TRUSTED_ORIGINS = [BASE_URL]
DATABASES = {"default": DATABASE_URL, **REPLICAS}
DATABASE_REPLICAS = list(REPLICAS)
DATABASE_ROUTERS = ["agreements.serving.replicas.reading.ReplicaRouter"] if REPLICAS else []

# ---------------------------------------------------------------------------- the application

INSTALLED_APPS = [
    # before the register, which removes their screens from the admin because they show everybody's keys
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    # before the admin, whose templates it may override
    "agreements.apps.AgreementsConfig",
    "agreements.apps.RegisterAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    # for the command clearsessions; the sessions themselves are in the register's own table
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "axes",
    "crispy_forms",
    "csp",
    "django_countries",
    "django_filters",
    "django_htmx",
    # Django REST framework is not listed: as an app it would bring scripts and styles that no page uses
    "drf_spectacular",
    "reversion",
    # for the command generate_register
    *(["benchmarks"] if GENERATED_RECORDS else []),
]

MIDDLEWARE = [
    "agreements.web.views.metrics.MetricsMiddleware",
    "agreements.security.security_log.SecurityLogMiddleware",
    # before the redirect to https
    "agreements.security.transport.PlainHttpMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "csp.middleware.CSPMiddleware",
    "agreements.web.views.health.HealthMiddleware",
    "agreements.web.views.open_data.OpenDataMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "agreements.serving.compression.CompressionMiddleware",
    # before the session, which is the first to query the database
    "agreements.web.views.overload.OverloadMiddleware",
    "agreements.serving.replicas.middleware.ReplicaMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    # before CSRF, which reads forms
    "agreements.web.views.bodies.BodyMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "agreements.web.views.two_factor.TwoFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    # last, so that it caches nothing that depends on the visitor
    "agreements.serving.response_cache.ResponseCacheMiddleware",
]

ROOT_URLCONF = "mou_tracker.urls"
WSGI_APPLICATION = "mou_tracker.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# templates/register
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "register"

# ---------------------------------------------------------------------------- caches

CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "agreements.serving.shared_cache.SharedCache",
        "LOCATION": [CACHE_URL],
        # several registers may share one Redis
        "KEY_PREFIX": OWN_HOST,
    }
    if CACHE_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 1000},
    }
}
# Counts requests for password reset links, apart from the pages, so that page requests cannot evict the counts.
CACHES["counters"] = CACHES["default"] | (
    {} if CACHE_URL else {"LOCATION": "counters", "OPTIONS": {"MAX_ENTRIES": 10_000}}
)

# ---------------------------------------------------------------------------- the API

REST_FRAMEWORK: dict[str, Any] = {
    # nobody logs in here, so no request needs a session or a user
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "agreements.web.api.errors.answer_to",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "MoU Tracker",
    "DESCRIPTION": _(
        "A register of memoranda of understanding and other agreements between public bodies, for "
        "reading. The parameters are those of the list of agreements and of its files."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVERS": [{"url": BASE_URL}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "LICENSE": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
    "ENUM_SUFFIX": "",
    "ENUM_NAME_OVERRIDES": {
        name: f"agreements.domain.choices.{name}"
        for name in (
            "DocumentKind",
            "EventKind",
            "Kind",
            "NameKind",
            "PartyKind",
            "Plurality",
            "RelationKind",
        )
    },
}

# ---------------------------------------------------------------------------- languages and days

LANGUAGE_CODE = "en"
# A language is offered once its catalogue covers the pages. Dates can already be typed and shown in
# Azerbaijani and Russian; see locale/.
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
# django-countries has neither former states nor Azerbaijani names.
COUNTRIES_OVERRIDE = country_labels()
FORMAT_MODULE_PATH = ["mou_tracker.formats"]

# ---------------------------------------------------------------------------- files

STATIC_URL = "static/"
WHITENOISE_MIMETYPES = {".svg": "image/svg+xml; charset=utf-8"}
STATICFILES_DIRS = [BASE_DIR / "static"]

# Documents have no public URL: a view checks who may download one, and sends it.
MEDIA_URL: str | None = None
DOCUMENTS_STORAGE: dict[str, Any] = {
    "BACKEND": "agreements.uploads.storage.DocumentStorage",
    "OPTIONS": {
        "location": DOCUMENTS_ROOT,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
STORAGES: dict[str, dict[str, Any]] = {
    "default": DOCUMENTS_STORAGE,
    "documents": DOCUMENTS_STORAGE,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "agreements.uploads.temporary_files.UploadHandler",
]

# An agreement may have three hundred parties, and each is a row of fields in the admin's form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# How many bytes somebody who is not logged in may send in one request; deploy/nginx.conf has the same limit.
GUEST_BODY_SIZE = 1_000_000

# ---------------------------------------------------------------------------- logging in

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "agreements.security.password_rules.CommonPasswordValidator"},
    {"NAME": "agreements.security.password_rules.OwnWordsValidator"},
]

# Five wrong passwords for one name from one IP address lock that pair out for an hour. The same user
# can log in from elsewhere, so nobody can lock staff out by guessing. AXES_HANDLER adds a limit for each name.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(hours=1)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# trying again does not extend the lockout, so that the page can say when it ends
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# in the database, because the cache may lose entries
AXES_HANDLER = "agreements.security.lockouts.LockoutHandler"
AXES_LOCKOUT_CALLABLE = "agreements.staff.accounts.login.locked_out"
AXES_CLIENT_IP_CALLABLE = "agreements.security.client_address.client_address"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
# axes' tables would come before the register on the staff home
AXES_ENABLE_ADMIN = False

# A login ends after SESSION_IDLE without activity, after SESSION_LONGEST in any case, and when the browser is closed.
SESSION_ENGINE = "agreements.security.sessions"
SESSION_LONGEST = timedelta(hours=12)
SESSION_COOKIE_AGE = int(SESSION_IDLE.total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "agreements.staff.accounts.unsent.csrf_failure"
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=2).total_seconds())
OTP_TOTP_ISSUER = "MoU Tracker"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_HTTPS
# Browsers accept a cookie with such a name only over https and from this very host, not from another in the domain.
COOKIE_PREFIX = "__Host-" if IS_HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}django_language"
# not in a cookie, which would be a fourth
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

# ---------------------------------------------------------------------------- mail

SENDS_MAIL = bool(MAIL_SERVER) or not IS_PUBLIC
EMAIL_BACKEND = f"django.core.mail.backends.{'dummy' if IS_PUBLIC else 'console'}.EmailBackend"
# replaces the backend and adds its host, port, user, password and encryption
globals().update(MAIL_SERVER)
EMAIL_TIMEOUT = 20

# ---------------------------------------------------------------------------- security headers

SECURE_SSL_REDIRECT = IS_HTTPS
# Load balancers request it over plain http.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if IS_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
# Whether browsers preload that is up to the owner of the domain, not to one application on it.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture",
        "encrypted-media", "fullscreen", "geolocation", "gyroscope", "magnetometer", "microphone",
        "midi", "payment", "picture-in-picture", "publickey-credentials-get", "screen-wake-lock",
        "serial", "usb", "xr-spatial-tracking",
    )
}  # fmt: skip

# ---------------------------------------------------------------------------- logs

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "agreements.security.log_lines.LineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
    },
    "filters": {"tokens": {"()": "agreements.security.token_urls.TokenFilter"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["tokens"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django would e-mail errors to ADMINS; here they go to stderr like everything else.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # runserver's requests
        "django.server": {"handlers": [], "propagate": True},
        # the security log has the same events, in one line instead of four
        "axes": {"level": "ERROR"},
    },
}

"""All settings, from the environment. docs/deploy.md lists the variables; each has a default for one machine."""

import contextlib
import os
import sys
import tomllib
import warnings
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.deprecation import RemovedInDjango60Warning
from structlog.typing import EventDict, Processor

# Lets the classes that django-stubs knows as generic be written so at run time too: ModelAdmin[Event].
django_stubs_ext.monkeypatch()

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# Where everything lives that this installation writes: database, cache, broker folder, secret key, files.
DATA_DIR = Path(env.str("DATA_DIR", "") or BASE_DIR / "var").resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # password hashes, sessions: nobody else's business

# Off everywhere unless asked for: errors and templates behave as in production.
DEBUG = env.bool("DEBUG", default=False)
TESTING = False

# Names the code that made an answer; part of every ETag, so that a release is not hidden by a 304.
BUILD = env.str("BUILD", "") or tomllib.loads((BASE_DIR / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def kept_secret(path: Path) -> str:
    """The key in the file `path`, made on first use. Of two processes that make it at once, both get the first's."""
    if not path.exists():
        own = path.with_name(f"{path.name}.{os.getpid()}")
        with open(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(get_random_secret_key())
        with contextlib.suppress(FileExistsError):
            os.link(own, path)
        own.unlink()
    return path.read_text()


SECRET_KEY = env.str("SECRET_KEY", "") or kept_secret(DATA_DIR / "secret_key")

# --- Where it is reached -------------------------------------------------------------------------------------------

HOST = env.str("HOST", "127.0.0.1")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", HOST])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# SECURE_SSL=1 for a public site behind a proxy that ends TLS. PROXIES says how many proxies stand in front;
# their X-Forwarded-For and X-Forwarded-Proto are believed, and without any, nobody's are.
SECURE_SSL = env.bool("SECURE_SSL", default=False)
PROXIES = env.int("PROXIES", default=1 if SECURE_SSL else 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_SSL_REDIRECT = SECURE_SSL
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # a load balancer asks these without TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE_SSL else 0
# Only the owner of a domain knows whether all of its subdomains speak TLS.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_SUBDOMAINS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"

# Everything from this site, nothing inline. A view that needs more says so by a decorator of django-csp.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "upgrade-insecure-requests": SECURE_SSL,
    }
}

# Scripts on other sites may read the API and feeds, as anybody: no cookies and no tokens.
CORS_URLS_REGEX = r"^/(api/|feed\.|calendar\.ics|oembed/)"
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS", "POST"]  # POST asks many questions at once
CORS_ALLOW_HEADERS = [
    "accept", "accept-language", "content-type", "if-modified-since", "if-none-match", "if-range", "range",
]  # fmt: skip
CORS_EXPOSE_HEADERS = [
    "Accept-Ranges", "Content-Range", "Deprecation", "ETag", "Link", "RateLimit", "RateLimit-Policy", "Repr-Digest",
    "Retry-After", "Sunset", "X-Row-Count",
]  # fmt: skip
CORS_PREFLIGHT_MAX_AGE = 24 * 3600

# --- The application -----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "events",
    "events.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "corsheaders",
    "csp",
    "django_filters",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "simple_history",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tracker.compression.Compression",  # public answers hold no secret that their length could tell
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "events.api.english.InEnglish",
    "events.api.limits.RateLimit",  # within CORS: scripts of other sites see why they are refused
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "events.web.pages.Addressed",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",  # the last: it turns a locked-out log-in into its answer
]

ROOT_URLCONF = "tracker.urls"
WSGI_APPLICATION = "tracker.wsgi.application"

FORM_RENDERER = "events.lib.rendering.FormRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Of the pages. What the log and the API say is English, whatever stands here.
LANGUAGE_CODE = env.str("LANGUAGE_CODE", "en-us")
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# Django 6's behavior already: a URL typed without a scheme is https. The setting goes with Django 6.
warnings.filterwarnings("ignore", "The FORMS_URLFIELD_ASSUME_HTTPS", RemovedInDjango60Warning)
FORMS_URLFIELD_ASSUME_HTTPS = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Bulk files; served by a view, never as user uploads. Where web and workers run on several machines, a folder of all.
MEDIA_ROOT = Path(env.str("FILES_DIR", "") or DATA_DIR / "files").resolve()
EXPORT_EVERY = timedelta(hours=env.int("EXPORT_HOURS", default=24))  # how old the newest may be when the log moves on
EXPORTS_KEPT = env.int("EXPORTS_KEPT", default=14)  # the newest always
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG  # no collectstatic after each edit
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Data ----------------------------------------------------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": env.db_url_config(env.str("DATABASE_URL", "") or f"sqlite:///{DATA_DIR / 'tracker.sqlite3'}")}
if not DATABASES["default"].get("ENGINE"):
    raise ImproperlyConfigured("DATABASE_URL is no address of a database, such as postgres://user@host:5432/name.")

SQLITE_OPTIONS = {
    # A transaction takes the write lock when it begins: one that reads first and writes later would otherwise
    # fail with "database is locked" at once, without waiting, when another has written in between.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,  # seconds to wait for that lock
    # WAL: readers and the one writer do not wait for each other. In WAL mode NORMAL can lose the last
    # transactions in a power cut, never damage the file. What is mapped, 2 GB at most, all processes share; beyond
    # that a connection has 16 MB of cache.
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
        "PRAGMA cache_size=-16000; PRAGMA mmap_size=2147418112; PRAGMA journal_size_limit=67108864;"
    ),
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"].setdefault("OPTIONS", {}).update(SQLITE_OPTIONS)
# A connection is opened once per thread and kept; PostgreSQL's may have gone meanwhile, so it is tried first.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = "sqlite" not in DATABASES["default"]["ENGINE"]

REDIS_URL = env.str("REDIS_URL", "")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "tracker.cache.RedisCache", "LOCATION": REDIS_URL}}
else:
    # An SQLite file of its own: a page that is cached never waits for, or holds up, a write to the record, and the
    # file may be deleted, even while the site runs. All processes of one machine share it. Against FileBasedCache,
    # measured with 2,000 entries of 44 kB: a write takes a seventh of the time (that one lists its folder for each,
    # and each request of the API that is counted writes), a read 0.2 ms instead of 0.13; and add() is atomic.
    CACHES = {
        "default": {
            "BACKEND": "tracker.cache.DatabaseCache",
            "LOCATION": "cache",
            "OPTIONS": {"MAX_ENTRIES": 5000},
        }
    }
    DATABASES["cache"] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "cache.sqlite3",
        "OPTIONS": SQLITE_OPTIONS,
        "CONN_MAX_AGE": DATABASES["default"]["CONN_MAX_AGE"],
    }
    DATABASE_ROUTERS = ["tracker.cache.CacheRouter"]
# Whole answers of the current revision, in the memory of each web process; 0 keeps none.
ANSWER_CACHE_MB = env.int("ANSWER_CACHE_MB", default=16)
# How long such an answer may rely on the revision that was asked last; 0 asks for each.
REVISION_SECONDS = 0.005
CACHES["default"] |= {"KEY_PREFIX": "tracker", "TIMEOUT": 24 * 3600}

# --- Mail ----------------------------------------------------------------------------------------------------------

# EMAIL_URL=smtp+tls://user:password@host:587; without one editors have their notices on the desk alone.
EMAIL_URL = env.str("EMAIL_URL", "")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
MAIL_NOTICES = bool(EMAIL_URL)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", "desk@localhost")
# Where mails lead: the address under which readers reach the site.
SITE_URL = env.str("SITE_URL", f"http://{HOST}:{env.int('PORT', default=8000)}").rstrip("/")

# --- Background work -----------------------------------------------------------------------------------------------

# Messages are nudges; what is due stands in the database as rows. So results are not kept and a lost message
# only waits for the next beat.
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "") or REDIS_URL or "filesystem://localhost/"
if CELERY_BROKER_URL.startswith("filesystem:"):
    BROKER_DIR = DATA_DIR / "broker"
    BROKER_DIR.mkdir(exist_ok=True)
    CELERY_BROKER_TRANSPORT = "tracker.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(BROKER_DIR)}
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # it needs a broker that can broadcast
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True  # a task may run twice; it must not be lost with its worker
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 9 * 60  # raises SoftTimeLimitExceeded in the task
CELERY_TASK_TIME_LIMIT = 10 * 60  # kills it; below the hour after which Redis gives a message out again
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", default=2)
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
# `expires`: a worker that was away finds one nudge of a kind, not a day's worth.
CELERY_BEAT_SCHEDULE = {
    "count-coverage": {
        "task": "events.tasks.coverage.count_coverage",
        "schedule": 3600.0,  # as events.queries.coverage.EVERY has it
        "options": {"expires": 3600},
    },
    "run-reissues": {"task": "events.tasks.reissue.run_reissues", "schedule": 30.0, "options": {"expires": 30}},
    "forget-addresses": {
        "task": "events.tasks.reports.forget_addresses",
        "schedule": 6 * 3600.0,
        "options": {"expires": 3600},
    },
    "build-exports": {"task": "events.tasks.exports.build_exports", "schedule": 30.0, "options": {"expires": 30}},
    "run-imports": {"task": "events.tasks.imports.run_imports", "schedule": 30.0, "options": {"expires": 30}},
    "send-notices": {"task": "events.tasks.notices.send_notices", "schedule": 60.0, "options": {"expires": 60}},
    "poll-feeds": {"task": "events.tasks.inbox.poll_feeds", "schedule": 60.0, "options": {"expires": 60}},
    "read-candidates": {"task": "events.tasks.inbox.read_candidates", "schedule": 30.0, "options": {"expires": 30}},
    "delete-texts": {"task": "events.tasks.inbox.delete_texts", "schedule": 6 * 3600.0, "options": {"expires": 3600}},
}
# Reports of errors that one client address may send an hour; 0: any number.
REPORT_LIMIT = env.int("REPORT_LIMIT", default=5)

# Fetching feeds, pages and sources (events/lib/http.py): how we name ourselves to servers, and the hosts, as name or
# name:port, that may be fetched although they are not of the public internet. For a mirror in the house, and tests.
FETCH_USER_AGENT = env.str("FETCH_USER_AGENT", "") or f"AIAccessTracker/{BUILD}"
FETCH_ALLOW = env.list("FETCH_ALLOW", default=[])

# Whether the pages of sources are checked weekly: hundreds of servers are asked for it, so it is for the operator to
# say so. Copies of pages: where an archive answers whether it has one (ARCHIVER_URL, such as
# https://archive.org/wayback/available) and makes one (ARCHIVER_SAVE_URL, such as https://web.archive.org/save, with
# the account's ARCHIVER_KEY, "access:secret"); without the first none is looked for, without the others none is made.
CHECK_SOURCES = env.bool("CHECK_SOURCES", default=False)
ARCHIVER_URL = env.str("ARCHIVER_URL", "")
ARCHIVER_SAVE_URL = env.str("ARCHIVER_SAVE_URL", "")
ARCHIVER_KEY = env.str("ARCHIVER_KEY", "")
if CHECK_SOURCES:
    CELERY_BEAT_SCHEDULE["check-sources"] = {
        "task": "events.tasks.links.check_sources",
        "schedule": 60.0,
        "options": {"expires": 60},
    }

# Fields of one form: the event's has 15 for each source, 13 for each effect. Its bytes are bounded as ever.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# --- Who may log in ------------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# A name is locked out only from the address that guessed at it, so that nobody can lock an editor out.
AXES_ONLY_ADMIN_SITE = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "tracker.client.client_address"
AXES_VERBOSE = False

# One-time codes: each editor may set them up; with this, whoever may publish has to.
OTP_FOR_PUBLISHERS = env.bool("OTP_FOR_PUBLISHERS", default=False)
OTP_TOTP_ISSUER = "AI Access Tracker"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True

# --- API -----------------------------------------------------------------------------------------------------------

# Requests of one client address a minute, below /api/; 0: any number.
RATE_LIMIT = env.int("RATE_LIMIT", default=600)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.DjangoModelPermissionsOrAnonReadOnly"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "events.api.schema.Schema",
    "EXCEPTION_HANDLER": "events.api.errors.handle",
    "URL_FORMAT_OVERRIDE": None,  # the form is negotiated by Accept
    "NUM_PROXIES": PROXIES,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

# Vocabularies that the schema calls by their own names.
NAMED_VOCABULARIES = (
    "AccessStatus", "Action", "Certainty", "ClosedBy", "CompanyKind", "CompanyRole", "CorrectionClass", "Direction",
    "EventKind", "OwnershipKind", "PlaceRole", "PolicyKind", "PolicyRelation", "Precision", "ProductKind",
    "PublisherKind", "RecordType", "RelationKind", "ReportedBasis", "Stage", "Stance", "Tier",
)  # fmt: skip
SPECTACULAR_SETTINGS = {
    "TITLE": "AI Access Tracker",
    "DESCRIPTION": (
        "A public record of who may use which AI, where, under which rule, since when, and who says so.\n\n"
        "What no schema can say, the answers do. A request that this one allows is a 400 all the same where a slug is "
        "not on record, where `before` stands beside `after` or either beside `format=csv`, where a range ends before "
        "it starts, where `role` stands without a company, country or group, where a cursor was given for other "
        "filters, where a revision, seq or day lies ahead, where nothing says what to look for, and where an address "
        "is no address of a page. `errors` names the parameter and says what is valid."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SORT_OPERATION_PARAMETERS": False,
    "ENUM_NAME_OVERRIDES": {name: f"events.choices.{name}" for name in NAMED_VOCABULARIES}
    | {"AnswerStatus": "events.documents.access.STATUSES"},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "events.api.schema.allow_parts",
        "events.api.schema.close_bodies",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",  # from our own static files: no third-party request
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- Logging -------------------------------------------------------------------------------------------------------

# To stderr: JSON lines for machines; `make run` and DEBUG ask for lines that people read.
LOG_FORMAT = env.str("LOG_FORMAT", "console" if DEBUG else "json")
LOG_LEVEL = env.str("LOG_LEVEL", "INFO").upper()


def drop_objects(logger: Any, method: str, event: EventDict) -> EventDict:
    """Leave out what Django attaches for its own handlers: the request as an object."""
    event.pop("request", None)
    event.pop("server_time", None)
    return event


LOG_PROCESSORS: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    drop_objects,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
# Tracebacks without the values of variables: passwords and tokens are among them.
LOG_RENDERERS: list[Processor] = (
    [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]
    if LOG_FORMAT == "console"
    else [
        structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
        structlog.processors.JSONRenderer(),
    ]
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structlog": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": LOG_PROCESSORS,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *LOG_RENDERERS],
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structlog"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Django's own handlers print only under DEBUG; everything goes to the one above.
        "django": {"handlers": [], "level": LOG_LEVEL},
        "django.request": {"level": "ERROR"},  # 404s are what a public site has
        "django.server": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "celery.worker.strategy": {"level": "WARNING"},  # "received"; that a task ended is logged
    },
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *LOG_PROCESSORS,
        structlog.processors.StackInfoRenderer(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)

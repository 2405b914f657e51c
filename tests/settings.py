"""The settings of the tests: those of production, but for what is slow or would touch the machine's own data.

DATABASE_URL and REDIS_URL (or CELERY_BROKER_URL) count here too, so that the same tests run on PostgreSQL and on Redis.
"""

import atexit
import os
import shutil
import tempfile
import uuid

# Each process has a folder of its own, gone when it ends; the environment of whoever runs the tests must not show.
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="tracker-tests-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
for name in ("ALLOWED_HOSTS", "BUILD", "DEBUG", "HOST", "LOG_FORMAT", "PORT", "PROXIES", "SECRET_KEY", "SECURE_SSL"):
    os.environ.pop(name, None)

from tracker.settings import *  # noqa: E402, F403
from tracker.settings import DATABASES, LOGGING, STORAGES  # noqa: E402

TESTING = True
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = True  # static files as they are, without collectstatic
# In the process, so that tests neither see each other's entries nor empty somebody's Redis.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
DATABASES = {"default": DATABASES["default"]}
DATABASE_ROUTERS = []
if "postgresql" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["TEST"] = {"CHARSET": "UTF8", "TEMPLATE": "template0"}  # whatever the server's default is
    # No commit of a test waits for the disk. (Of SQLite's neither: see below.)
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"
else:
    # A file, as in production. In memory, the tests' thread and a live server's would share one connection.
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(os.environ["DATA_DIR"], "test.sqlite3")}
    DATABASES["default"]["OPTIONS"] = DATABASES["default"]["OPTIONS"] | {
        "init_command": DATABASES["default"]["OPTIONS"]["init_command"] + "PRAGMA synchronous=OFF;"
    }
# A queue of this run: on a shared Redis no other worker takes its messages.
CELERY_TASK_DEFAULT_QUEUE = f"tests-{uuid.uuid4().hex[:12]}"
RATE_LIMIT = 0  # its own tests set it
REVISION_SECONDS = 0  # a test reads at once what it wrote
REPORT_LIMIT = 0
AXES_ENABLED = False  # client.login() has no request to show; the tests of the lock-out turn it on
LOGGING = LOGGING | {"root": {"handlers": [], "level": "WARNING"}}  # pytest captures and shows what is logged

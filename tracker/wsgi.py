import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from tracker.sparing import without

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

# 10 MB of each process, and 6 more of SQLite's: REST framework loads requests, pygments and PostgreSQL's driver,
# structlog rich, and drf-spectacular Django's tools for tests, with jinja2.
with without("jinja2", "pygments", "requests", "rich"):
    on_sqlite = "sqlite" in settings.DATABASES["default"]["ENGINE"]
    with without(*["psycopg"] * on_sqlite):
        django_application = get_wsgi_application()

        from events.api.short_way import ShortWay  # models can be imported only now
        from events.api.urls import urlpatterns
        from events.caching import Front
        from tracker.bodies import Measured

application = Front(ShortWay(Measured(django_application), urlpatterns))

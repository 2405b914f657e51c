import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

django_application = get_wsgi_application()

from events.caching import Front  # noqa: E402 - models can be imported only now

application = Front(django_application)

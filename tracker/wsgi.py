import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

django_application = get_wsgi_application()

from events.api.short_way import ShortWay  # noqa: E402 - models can be imported only now
from events.api.urls import urlpatterns  # noqa: E402
from events.caching import Front  # noqa: E402
from tracker.bodies import Measured  # noqa: E402

application = Front(ShortWay(Measured(django_application), urlpatterns))

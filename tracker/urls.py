from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.cache import never_cache


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers; whether it can do its work is for /readyz to say."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
    path("api/v1/", include("events.api.urls")),
    path("", include("events.web.urls")),
]

# Below /api/ a problem document (RFC 9457), elsewhere the page.
handler400 = "events.api.errors.bad_request"
handler403 = "events.api.errors.permission_denied"
handler404 = "events.api.errors.not_found"
handler500 = "events.api.errors.server_error"

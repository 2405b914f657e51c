"""Publishers ask for bulk files at the desk."""

import pytest
from django.urls import reverse

from events.models import ExportRequest
from events.services.exports import building
from tests.admin.making import signed_in, user
from tests.factories import published_event

pytestmark = pytest.mark.django_db
ADD = "admin:events_exportrequest_add"


def test_publisher_asks_and_sees_what_came_of_it(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    published_event()
    publisher = user("Publisher")
    client = signed_in(publisher)
    response = client.post(reverse(ADD), {}, follow=True)
    assert "made within a minute" in response.content.decode()
    request = ExportRequest.objects.get()
    assert (request.requested_by, request.done_at) == (publisher, None)
    export = building.build_due().export
    shown = client.get(reverse("admin:events_exportrequest_changelist")).content.decode()
    assert str(export) in shown
    for page in ("exportrequest_change", "export_change"):
        key = request.pk if page.startswith("exportrequest") else export.pk
        assert client.get(reverse(f"admin:events_{page}", args=[key])).status_code == 200
    assert client.get(reverse("admin:events_export_changelist")).status_code == 200
    assert client.get(reverse("admin:events_export_add")).status_code == 403


@pytest.mark.parametrize("role", ["Contributor", "Editor"])
def test_others_only_look(role):
    client = signed_in(user(role))
    assert client.get(reverse("admin:events_exportrequest_changelist")).status_code == 200
    assert client.post(reverse(ADD), {}).status_code == 403

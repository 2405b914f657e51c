import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from events.models import Event
from events.services import publishing
from tests.factories import CompanyFactory, EventFactory, SourceFactory


@pytest.fixture
def get(client: Client, db: None) -> Callable[..., Any]:
    """The JSON that an address below /api/v1/ answers, after a look at its status."""

    def get(path: str, status: int = 200, **headers: str) -> Any:
        response = client.get(path if path.startswith("/") else f"/api/v1/{path}", headers=headers)
        assert response.status_code == status, response.content
        return response.json()

    return get


@pytest.fixture
def many(db: None) -> Callable[[int], list[Event]]:
    """That many published events, two on each day, newest first."""

    def many(number: int) -> list[Event]:
        company, source = CompanyFactory(), SourceFactory()
        day = dt.date(2024, 1, 1)
        events = [
            EventFactory(date=day + dt.timedelta(days=n // 2), actor=company, source=source) for n in range(number)
        ]
        publishing.publish_many(events, by=None)
        return sorted(events, key=lambda event: (event.date, event.pk), reverse=True)

    return many

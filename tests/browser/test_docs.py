"""The pages that show the schema of the API, in a real browser under their own Content-Security-Policy."""

import pytest
from django.urls import reverse

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("name", ["docs", "redoc"])
def test_page_draws_the_schema_and_asks_nobody_else(browser, live_server, name):
    said, asked = [], []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("requestfinished", lambda request: asked.append(request.url))
        page.goto(live_server.url + reverse(f"api:{name}"))
        page.get_by_text("/api/v1/changes/head/").first.wait_for(timeout=30_000)
        assert "AI Access Tracker" in page.inner_text("main")
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
    # Redoc's own logo is the one thing that it would fetch from elsewhere, and may not.
    assert [line for line in said if "cdn.redoc.ly" not in line] == []
    assert name == "redoc" or said == []

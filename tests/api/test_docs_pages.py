"""The pages that show the schema to people, in a real browser under their own Content-Security-Policy."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.urls import reverse


@pytest.mark.parametrize("name", ["docs", "redoc"])
def test_page_allows_nothing_unsafe(client, name):
    response = client.get(reverse(f"api:{name}"))
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert b"<script>" not in response.content
    assert b"style=" not in response.content


def visit(address: str) -> tuple[str, list[str], list[str]]:
    """A page's text once it shows an address of the API, what its console said, and what it asked of other hosts."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("requestfinished", lambda request: asked.append(request.url))
        page.goto(address)
        page.get_by_text("/api/v1/changes/head/").first.wait_for(timeout=30_000)
        text = page.inner_text("main")
        browser.close()
    return text, said, [url for url in asked if not url.startswith((address[: address.index("/api")], "data:"))]


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("name", ["docs", "redoc"])
def test_page_draws_the_schema_and_asks_nobody_else(live_server, name):
    with ThreadPoolExecutor(1) as pool:  # Playwright's loop must not be the thread of Django's connections
        text, said, elsewhere = pool.submit(visit, live_server.url + reverse(f"api:{name}")).result()
    assert "AI Access Tracker" in text
    assert elsewhere == []
    # Redoc's own logo is the one thing that it would fetch from elsewhere, and may not.
    assert [line for line in said if "cdn.redoc.ly" not in line] == []
    assert name == "redoc" or said == []

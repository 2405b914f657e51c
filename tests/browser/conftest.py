"""A real Chromium on a live server. Skipped only where there is no Chromium, and never where CI=true."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium
from tests.databases import connected_to, filled_by


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(chromium.PATH).exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"There is no {chromium.PATH}.")
        pytest.skip(f"There is no {chromium.PATH}.")
    # Playwright's own event loop runs in this thread: Django would take every query for one of a coroutine.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
        yield opened
        opened.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def on_copy(transactional_db: None) -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Put this test and its live server on a copy of the database that a function has filled, once for all tests.

    For tests that only read. It gives what the function returned.
    """
    with ExitStack() as connected:

        def on_copy(fill: Callable[[], Any]) -> Any:
            name, made = filled_by(fill)
            connected.enter_context(connected_to(name))
            return made

        yield on_copy


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Any]:
    """Open a path in a window of its own; afterwards no request has left the host, and no error was logged."""
    requested: list[str] = []
    errors: list[str] = []
    contexts = []

    def opened(path: str, **options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("request", lambda request: requested.append(request.url))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []
    assert [url for url in requested if not url.startswith(live_server.url)] == []

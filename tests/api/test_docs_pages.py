"""The pages that show the schema to people: their own Content-Security-Policy. In a browser: tests/browser/."""

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

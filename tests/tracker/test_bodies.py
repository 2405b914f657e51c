"""Bodies that come without their length, as the server of production hands them on."""

import io
import json

import pytest

from tests.wsgi import get
from tracker.bodies import Measured

CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked"}


def repeating(environ, start_response):
    """Answers with as much of the body as its length says, as Django reads it."""
    start_response("200 OK", [("X-Length", environ.get("CONTENT_LENGTH") or "none")])
    return [environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))]


def sent(body: bytes, method="POST", **environ):
    return get(Measured(repeating, most=10), "/", method, **{"wsgi.input": io.BytesIO(body), **environ})


def test_body_in_chunks_is_read_to_its_end():
    terminated = {"wsgi.input_terminated": True}
    assert sent(b"0123456789", **CHUNKED, **terminated) == (200, {"X-Length": "10"}, b"0123456789")
    assert sent(b"", **terminated) == (200, {"X-Length": "0"}, b"")


def test_body_whose_length_is_stated_is_left_alone():
    assert sent(b"0123456789ab", CONTENT_LENGTH="12")[2] == b"0123456789ab"
    assert sent(b"body of a GET", "GET", **{"wsgi.input_terminated": True})[1] == {"X-Length": "none"}


@pytest.mark.parametrize(
    ("body", "environ", "status", "detail"),
    [
        (b"0123456789a", {"wsgi.input_terminated": True}, 413, "Without a Content-Length a body has at most"),
        (b"0", {}, 411, "Send it with a Content-Length"),
    ],
)
def test_what_cannot_be_read_is_a_problem(body, environ, status, detail):
    answered, headers, said = sent(body, **CHUNKED, **environ)
    assert (answered, headers["Content-Type"]) == (status, "application/problem+json")
    problem = json.loads(said)
    assert (problem["status"], problem["instance"]) == (status, "/")
    assert problem["detail"].startswith(detail)

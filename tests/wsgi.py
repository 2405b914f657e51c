"""Asking a WSGI application, without the server that would stand before it."""

import io
import sys


def get(application, path, method="GET", **headers):
    """What a WSGI application answers: status, headers by name, body. Names of headers as WSGI has them."""
    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80", "HTTP_HOST": "testserver", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, **headers,
    }  # fmt: skip
    said = []
    response = application(environ, lambda status, headers, *rest: said.append((status, dict(headers))))
    body = b"".join(response)
    if hasattr(response, "close"):
        response.close()
    [(status, found)] = said
    return int(status[:3]), found, body

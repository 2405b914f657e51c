from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus
from io import BytesIO
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

MOST = 8 << 20  # bytes; what is larger has to say so beforehand
NO_BODY = {"GET", "HEAD"}


class Measured:
    """A WSGI application before the application: bodies that come without their length get it.

    Programs send what they are still making in chunks, and some proxies send on everything so. Django takes a body
    whose length is not stated for none. It may be read to its end only where the server says that it sees that end,
    by `wsgi.input_terminated`.
    """

    def __init__(self, application: WSGIApplication, *, most: int = MOST) -> None:
        self.application, self.most = application, most

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in NO_BODY and not environ.get("CONTENT_LENGTH"):
            if environ.get("wsgi.input_terminated"):
                body = environ["wsgi.input"].read(self.most + 1)
                if len(body) > self.most:
                    detail = f"Without a Content-Length a body has at most {self.most >> 20} MiB."
                    return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, environ, start_response)
                environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}
            elif "HTTP_TRANSFER_ENCODING" in environ:
                detail = "Send it with a Content-Length: this server does not read bodies that come in chunks."
                return refused(HTTPStatus.LENGTH_REQUIRED, detail, environ, start_response)
        return self.application(environ, start_response)


def refused(
    status: HTTPStatus, detail: str, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """A problem document (RFC 9457), as the API gives them."""
    problem = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    headers = [("Content-Type", "application/problem+json"), ("Cache-Control", "no-store")]
    start_response(f"{status.value} {status.phrase}", headers)
    return [json.dumps(problem | {"instance": environ["PATH_INFO"]}).encode()]

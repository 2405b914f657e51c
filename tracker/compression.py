from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# Compressed already.
PACKED = ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",)


class Compression(GZipMiddleware):
    """Compresses answers on their way, but no files: of those a client may ask for any range of bytes."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.has_header("Accept-Ranges") or response.headers.get("Content-Type", "") in PACKED:
            return response
        return super().process_response(request, response)

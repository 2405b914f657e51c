"""How `events.lib.http` connects: to the address that was judged public, and by a deadline."""

from __future__ import annotations

import ssl
import time
from functools import cache
from typing import Any

import httpcore
import httpx

from events.lib.addresses import NotPublic, is_allowed, is_public, resolve

CONNECT, READ = 10.0, 20.0  # seconds


class Timed(httpcore.NetworkStream):
    """A connection whose every step ends by a deadline, so that bytes that drip do not hold it forever."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream = stream
        self.deadline = deadline

    def left(self, timeout: float | None) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return min(left, timeout or left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, self.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self.left(timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return Timed(self.stream.start_tls(ssl_context, server_hostname, self.left(timeout)), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


class PublicOnly(httpcore.NetworkBackend):
    """Connects to addresses of the public internet, and to what the operator vouches for."""

    def __init__(self) -> None:
        self.backend = httpcore.SyncBackend()
        self.deadline = 0.0

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """Raises Unresolvable, NotPublic."""
        addresses = resolve(host, port, seconds=self.left())
        if not is_allowed(host, port) and not all(map(is_public, addresses)):
            raise NotPublic(f"{host} leads to an address that is not of the public internet.")
        failure: Exception = httpcore.ConnectError()
        for address in addresses[:4]:
            try:
                # The address that was judged, not the name: it is not resolved again.
                return Timed(self.backend.connect_tcp(address, port, self.left()), self.deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as problem:
                failure = problem
        raise failure

    def left(self) -> float:
        """Seconds that a step of connecting may take."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ConnectTimeout
        return min(CONNECT, left)


class Transport(httpx.HTTPTransport):
    """httpx over connections of PublicOnly; HTTP/1.1, one connection a hop."""

    def __init__(self) -> None:
        super().__init__(verify=trust(), trust_env=False)
        self.backend = PublicOnly()
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust(), network_backend=self.backend, max_connections=1, max_keepalive_connections=0
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.backend.deadline = request.extensions["deadline"]
        return super().handle_request(request)


@cache
def trust() -> ssl.SSLContext:
    """Whose certificates we believe; read once, since it takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)


def client() -> httpx.Client:
    return httpx.Client(
        transport=Transport(),
        timeout=httpx.Timeout(READ, connect=CONNECT),
        follow_redirects=False,
        trust_env=False,
        max_redirects=0,
    )

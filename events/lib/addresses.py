"""Which machines a URL that somebody gave us may lead to: those of the public internet, and no others."""

from __future__ import annotations

import ipaddress
import socket
import threading
from typing import Any

from django.conf import settings

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # RFC 4291: nothing else is given out
DOCUMENTATION = ipaddress.IPv6Network("3fff::/20")  # RFC 9637, which older Pythons do not know

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unresolvable(OSError):
    """The name has no address, or the resolver did not say so in time."""


class NotPublic(OSError):
    """The name leads to a machine that is not of the public internet, and that nobody vouches for."""


def is_allowed(host: str, port: int | None) -> bool:
    """Whether the operator vouches for a host that is not of the public internet: FETCH_ALLOW, as host or host:port."""
    return host in settings.FETCH_ALLOW or f"{host}:{port}" in settings.FETCH_ALLOW


def is_public(text: str) -> bool:
    """Whether an IP address, as the resolver gives it, is one of the public internet.

    Not loopback, private, shared, link-local (where clouds keep their metadata), multicast, reserved or unspecified;
    an IPv6 address that carries an IPv4 one (mapped, compatible, 6to4, Teredo, NAT64) is judged by that as well.
    """
    address: Address = ipaddress.ip_address(text.partition("%")[0])
    return all(
        each.is_global and not (each.is_multicast or each.is_reserved or each.is_unspecified) and is_given_out(each)
        for each in (address, *carried(address))
        if not (each is address and isinstance(each, ipaddress.IPv6Address) and each in NAT64)
    )


def is_given_out(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return True
    return address in GLOBAL_UNICAST and address not in DOCUMENTATION


def carried(address: Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 one stands for."""
    if not isinstance(address, ipaddress.IPv6Address):
        return []
    number = int(address)
    found = [each for each in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())) if each is not None]
    if address in NAT64 or number >> 32 == 0:
        found.append(ipaddress.IPv4Address(number & 0xFFFFFFFF))
    return found


def resolve(host: str, port: int, *, seconds: float) -> list[str]:
    """The IP addresses of a host, in the resolver's order. Raises Unresolvable.

    The system's resolver takes no time limit, so it is waited for on a thread of its own. It also reads the decimal,
    octal and hexadecimal forms of IPv4 addresses, which is why addresses are judged after it and never by their text.
    """
    answer: list[Any] = []

    def ask() -> None:
        try:
            answer.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as problem:
            answer.append(problem)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if not answer:
        raise Unresolvable(f"The name {host} was not resolved in {seconds:.0f} seconds.")
    if isinstance(answer[0], Exception):
        raise Unresolvable(f"There is no such host as {host.rstrip('.')}.")
    return list(dict.fromkeys(str(each[4][0]) for each in answer[0]))

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address a request came from, as the outermost of our own proxies saw it.

    Each of the settings.PROXIES in front of us appends one entry to X-Forwarded-For; what stands before
    those was written by the client and is not believed. REST framework counts the same way (NUM_PROXIES).
    """
    forwarded = request.headers.get("X-Forwarded-For", "")
    if not (settings.PROXIES and forwarded):
        return request.META.get("REMOTE_ADDR", "")
    entries = forwarded.split(",")
    return entries[-min(settings.PROXIES, len(entries))].strip()


def client_of(request: HttpRequest) -> str:
    """The client's address; of IPv6 its network of 64 bits, all of which one client has."""
    address = client_address(request)
    if ":" not in address:
        return address[:45]
    try:
        return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
    except ValueError:
        return "unknown"

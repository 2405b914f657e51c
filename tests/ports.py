"""Ports that tests may listen on."""

import random
import socket
from pathlib import Path

GIVEN_TO_CONNECTIONS = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """One that nothing uses, and that no connection of another test gets before somebody listens on it.

    Connections get ports of a range that Linux names: where it can be, the port is below that.
    """
    first = int(GIVEN_TO_CONNECTIONS.read_text().split()[0]) if GIVEN_TO_CONNECTIONS.exists() else 32_768
    for port in random.choices(range(16_384, first) or range(16_384, 65_536), k=100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("A hundred ports were tried, and none of them is free.")

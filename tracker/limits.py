"""How often one client may ask for something.

All processes share one count per client and window in Django's cache, but none asks it for each request: a process
takes a share of what is left, spends it by itself, and comes back for more. Shares shrink as the limit comes near, so
that hardly any is left unspent elsewhere. What the cache cannot tell is not refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from django.core.cache import cache

SHARES = 16  # of what is left a process takes one
MOST_CLIENTS = 50_000  # that one process keeps count of


@dataclass
class Purse:
    """What a process may still spend for a client in this window, and what was taken by all, as far as it knows."""

    left: int = 0
    taken: int = 0


class Limit:
    """So many requests of each client in a window of so many seconds."""

    def __init__(self, name: str, quota: int, seconds: int) -> None:
        self.name, self.quota, self.seconds = name, quota, seconds
        self.window = 0
        self.purses: dict[str, Purse] = {}
        self.lock = Lock()

    def spend(self, client: str, now: float) -> int | None:
        """Count one request: how many are left; None: it is one too many."""
        window = int(now // self.seconds)
        with self.lock:
            if window != self.window or len(self.purses) > MOST_CLIENTS:
                self.window, self.purses = window, {}
            purse = self.purses.setdefault(client, Purse())
            if not purse.left and not self.fill(purse, f"rate:{self.name}:{window}:{client}"):
                return None
            purse.left -= 1
            return self.quota - purse.taken + purse.left

    def give_back(self, client: str) -> None:
        """Take back the count of a request that is counted elsewhere."""
        with self.lock:
            if purse := self.purses.get(client):
                purse.left += 1

    def fill(self, purse: Purse, key: str) -> bool:
        """Take a share of what is left; whether there was any."""
        if purse.taken >= self.quota:
            return False
        share = max((self.quota - purse.taken) // SHARES, self.quota // 100, 1)
        try:
            if cache.add(key, share, 2 * self.seconds):
                taken = share
            else:
                taken = cache.incr(key, share)
                cache.touch(key, 2 * self.seconds)  # not every cache keeps the time at which a counter goes
        except ValueError:  # gone between the two, or the cache is
            taken = purse.taken + share
        purse.left = max(share - max(taken - self.quota, 0), 0)
        purse.taken = min(taken, self.quota)
        return purse.left > 0

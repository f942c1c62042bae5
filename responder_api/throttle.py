"""Slow down whoever guesses: token buckets by name and by address, in memory, never more than a fixed number.

Pure but for what it remembers; time is an argument. A login asks `Throttle.wait` first and, when it succeeded, gives
its tokens back, so that an office behind one address is not slowed by people who know their passwords.
"""

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address
from typing import Final

MOST_BUCKETS: Final = 20_000


class Buckets:
    """Token buckets by key: `burst` tokens, refilled at `per_second`; the key not seen for longest is forgotten."""

    def __init__(self, *, burst: int, per_second: float, most: int = MOST_BUCKETS) -> None:
        self._burst = float(burst)
        self._per_second = per_second
        self._most = most
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        """Count the buckets that are remembered."""
        return len(self._levels)

    def wait(self, key: str, now: float) -> float:
        """Tell how many seconds are missing for a token; 0.0 when there is one. `now` is monotonic seconds."""
        return max(0.0, (1.0 - self._level(key, now)) / self._per_second)

    def take(self, key: str, now: float) -> None:
        """Take one token."""
        self._put(key, self._level(key, now) - 1.0, now)

    def give_back(self, key: str, now: float) -> None:
        """Return one token."""
        self._put(key, min(self._burst, self._level(key, now) + 1.0), now)

    def _level(self, key: str, now: float) -> float:
        level, at = self._levels.get(key, (self._burst, now))
        return min(self._burst, level + max(0.0, now - at) * self._per_second)

    def _put(self, key: str, level: float, now: float) -> None:
        self._levels[key] = (level, now)
        self._levels.move_to_end(key)
        if len(self._levels) > self._most:
            self._levels.popitem(last=False)


class Throttle:
    """Three bounds on guessing: a name from one address, an address over all names, a name over all addresses.

    The last is the widest, since whoever can reach it can also keep the true owner out.
    """

    def __init__(self, most: int = MOST_BUCKETS) -> None:
        self._pair = Buckets(burst=5, per_second=1 / 12, most=most)
        self._address = Buckets(burst=30, per_second=1 / 2, most=most)
        self._name = Buckets(burst=50, per_second=1 / 6, most=most)

    def attempt(self, name: str, address: str, now: float) -> float:
        """Take an attempt's tokens and give 0.0, or take none and give the seconds to wait."""
        held = self._held(name, address)
        wait = max(buckets.wait(key, now) for buckets, key in held)
        if wait == 0.0:
            for buckets, key in held:
                buckets.take(key, now)
        return wait

    def succeeded(self, name: str, address: str, now: float) -> None:
        """Give an attempt's tokens back: it was no guess."""
        for buckets, key in self._held(name, address):
            buckets.give_back(key, now)

    def _held(self, name: str, address: str) -> list[tuple[Buckets, str]]:
        network = network_of(address)
        return [(self._pair, f"{name}\n{network}"), (self._address, network), (self._name, name)]


def network_of(address: str) -> str:
    """Give what one subscriber holds: an IPv4 address itself, an IPv6 address's /64."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(found)

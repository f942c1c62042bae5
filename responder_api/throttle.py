"""Slow down whoever guesses: token buckets by name and by address, in memory, never more than a fixed number.

Pure but for what it remembers; time is an argument. A login takes tokens first and, when it succeeded, gives them back,
so that an office behind one address is not slowed by people who know their passwords. Many nodes share their buckets
(`throttle_postgres`).
"""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Final, NamedTuple, Protocol

MOST_BUCKETS: Final = 20_000


class Guesses(Protocol):
    """What slows down whoever guesses."""

    async def attempt(self, name: str, address: str) -> float:
        """Take an attempt's tokens and give 0.0, or take none and give the seconds to wait."""
        ...

    async def succeeded(self, name: str, address: str) -> None:
        """Give an attempt's tokens back: it was no guess."""
        ...


class Bound(NamedTuple):
    """A bound on guessing: `burst` tokens of one key, refilled at `per_second`; `of` says what its keys are."""

    of: str
    burst: int
    per_second: float


PAIR: Final = Bound("name and address", 5, 1 / 12)
ADDRESS: Final = Bound("address", 30, 1 / 2)
NAME: Final = Bound("name", 50, 1 / 6)
"""The widest, since whoever can reach it can also keep the true owner out."""


def bounds_of(name: str, address: str) -> list[tuple[Bound, str]]:
    """Give the bounds on an attempt, each with its key: the name from the address, the address, and the name."""
    network = network_of(address)
    return [(PAIR, f"{name}\n{network}"), (ADDRESS, network), (NAME, name)]


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
    """Three bounds on guessing: a name from one address, an address over all names, a name over all addresses."""

    def __init__(self, most: int = MOST_BUCKETS) -> None:
        self._buckets = {
            bound: Buckets(burst=bound.burst, per_second=bound.per_second, most=most) for bound in (PAIR, ADDRESS, NAME)
        }

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
        return [(self._buckets[bound], key) for bound, key in bounds_of(name, address)]


class OwnThrottle:
    """A throttle of one process; `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._throttle, self._monotonic = Throttle(), monotonic

    async def attempt(self, name: str, address: str) -> float:
        """See Guesses.attempt."""
        return self._throttle.attempt(name, address, self._monotonic())

    async def succeeded(self, name: str, address: str) -> None:
        """See Guesses.succeeded."""
        self._throttle.succeeded(name, address, self._monotonic())


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

"""Who does what only one may do at a time: a row a duty, held until a time that PostgreSQL's clock gives.

A lease saves work, it proves nothing: whoever is frozen the moment after it looked still believes that it holds one.
So every duty is safe when two do it at once (each says how: ids, a compare-and-set, a row lock), and where doing it
twice would be seen outside, its transaction asks `confirm` first. Next: `keeper` runs the duties.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Final

from streams.clock import running
from streams.cluster.postgres import Postgres
from streams.database import Reading

TTL_S: Final = 10.0
"""How long a lease counts without being renewed: how long a dead keeper's work waits for the next one."""
FREED: Final = "dharura_lease"
"""Channel that says that a lease was given up before its time."""

_TAKE: Final = """
INSERT INTO lease (name, holder, until) VALUES (?, ?, clock_timestamp() + make_interval(secs => ?))
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE lease.holder = excluded.holder OR lease.until < clock_timestamp()
RETURNING name
"""


class LeaseLost(Exception):
    """Somebody else holds the lease now; what was begun under it must not be committed."""


class Lease:
    """One holder's lease on one name; `holder` is a new one for each start of a process. Safe from any thread."""

    def __init__(self, name: str, holder: str, ttl_s: float = TTL_S, seconds: Callable[[], float] = running) -> None:
        self.name, self.holder, self.ttl_s = name, holder, ttl_s
        self._seconds = seconds
        self._until = 0.0
        self._lock = threading.Lock()

    def take(self, connection: Postgres) -> bool:
        """Take the lease when it is free, over or ours (then it is renewed); False while somebody else holds it."""
        return take(connection, [self]) == [self]

    def held(self) -> bool:
        """Say whether it still counts by our own count of seconds, which also runs while the machine sleeps."""
        return self._seconds() < self._until

    def left_s(self) -> float:
        """Give the seconds for which it still counts, 0 when it does not."""
        return max(0.0, self._until - self._seconds())

    def confirm(self, connection: Postgres) -> None:
        """Make sure, inside the open transaction, that nobody else holds it until that commits; raises LeaseLost."""
        row = connection.execute(
            "SELECT 1 FROM lease WHERE name = ? AND holder = ? AND until > clock_timestamp() FOR SHARE",
            (self.name, self.holder),
        ).fetchone()
        if row is None:
            self.forget()
            raise LeaseLost(f"{self.name} is no longer held by {self.holder}")

    def release(self, connection: Postgres) -> None:
        """Give it up at once, and tell those who wait."""
        self.forget()
        with connection.transaction():
            connection.execute("DELETE FROM lease WHERE name = ? AND holder = ?", (self.name, self.holder))
            connection.execute("SELECT pg_notify(?, ?)", (FREED, self.name))

    def forget(self) -> None:
        """Hold it no more as far as this process is concerned."""
        with self._lock:
            self._until = 0.0

    def note(self, asked: float, *, granted: bool) -> None:
        """Take note of the answer to a request that was made at `asked`: what the way took shortens the lease."""
        with self._lock:
            self._until = asked + self.ttl_s if granted else 0.0

    def seconds(self) -> float:
        """Give the count of seconds that its end is measured with."""
        return self._seconds()


def holders(connection: Reading) -> dict[str, str]:
    """Name each duty that is done at present, and who holds its lease."""
    rows = connection.execute("SELECT name, holder FROM lease WHERE until > clock_timestamp() ORDER BY name")
    return dict(rows.fetchall())


def take(connection: Postgres, leases: Sequence[Lease]) -> list[Lease]:
    """Take or renew several leases in one transaction; give those that are ours now."""
    asked = [lease.seconds() for lease in leases]
    with connection.transaction():
        # In one order of names everywhere, so that two who take the same rows cannot lock each other out.
        granted = {
            lease.name
            for lease in sorted(leases, key=lambda lease: lease.name)
            if connection.execute(_TAKE, (lease.name, lease.holder, lease.ttl_s)).fetchone() is not None
        }
    for lease, at in zip(leases, asked, strict=True):
        lease.note(at, granted=lease.name in granted)
    return [lease for lease in leases if lease.name in granted]

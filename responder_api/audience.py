"""Decide who may see what, by one pure rule used on every path out.

You are between an event's `audience` (written by the step that made the event, as a tuple of strings) and a
person who reads, subscribes or exports. `may_see` is the rule; `keys` and `keys_of` are the same rule as two sets
that meet exactly when the rule says yes, so that a fan-out can look listeners up in a dictionary instead of asking
each one. Next: `hub` files sockets under `keys_of`, REST routes filter with `may_see`, and `auth` makes the `Viewer`.
"""

from collections.abc import Iterable
from typing import Final, Literal, get_args

import msgspec

from geo.places import Rejected, check_area, contains, parents

Role = Literal["operator", "responder", "agency", "admin"]
ROLES: Final[frozenset[str]] = frozenset(get_args(Role))
PUBLIC: Final = "public"


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who looks: which account, which responder they are (if one), and their roles at areas."""

    account: str
    person: str | None = None
    grants: frozenset[tuple[Role, str]] = frozenset()


ANYBODY: Final = Viewer(account="")
"""A viewer who has not signed in: sees what is public."""


def is_area(path: str) -> bool:
    """Tell whether a string has the form of an area path."""
    try:
        check_area(path)
    except Rejected:
        return False
    return True


def may_see(viewer: Viewer, audience: Iterable[str]) -> bool:
    """Tell whether any entry of the audience lets this viewer in; an entry that cannot be read lets nobody in."""
    return any(_admits(entry, viewer) for entry in audience)


def _admits(entry: str, viewer: Viewer) -> bool:
    if entry == PUBLIC:
        return True
    role, _, rest = entry.partition(":")
    if role == "person":
        return rest != "" and rest in (viewer.account, viewer.person)
    if role not in ROLES or not is_area(rest):
        return False
    return any(_plays(held, role) and contains(area, rest) for held, area in viewer.grants)


def _plays(held: str, role: str) -> bool:
    # An admin looks over an operator's shoulder; looking is all it gives (see `holds`).
    return held == role or (held == "admin" and role == "operator")


def keys(audience: Iterable[str]) -> set[str]:
    """Spell an audience as look-up keys: each `role:area` under its own area and every area above it."""
    found: set[str] = set()
    for entry in audience:
        role, _, rest = entry.partition(":")
        if entry == PUBLIC or (role == "person" and rest != ""):
            found.add(entry)
        elif role in ROLES and is_area(rest):
            found.update(f"{role}:{area}" for area in (rest, *parents(rest)))
    return found


def keys_of(viewer: Viewer) -> set[str]:
    """Spell a viewer as look-up keys; `may_see(v, a)` exactly when `keys_of(v)` and `keys(a)` share one."""
    found = {PUBLIC}
    found.update(f"person:{name}" for name in (viewer.account, viewer.person) if name)
    for role, area in viewer.grants:
        found.add(f"{role}:{area}")
        if role == "admin":
            found.add(f"operator:{area}")
    return found


def holds(viewer: Viewer, role: Role, area: str) -> bool:
    """Tell whether the viewer may act in a role over an area: that very role, at the area or above it.

    Acting is narrower than seeing: an admin sees an operator's board but does not dispatch from it.
    """
    return any(held == role and contains(over, area) for held, over in viewer.grants)

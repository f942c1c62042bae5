"""Which areas people and open incidents stand in, as the data folder has them, and what other boundaries do to those.

`cli/ward_versions` asks before other boundaries are chosen; `checkup_world` holds the areas against those that count.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from geo.labels import plain
from geo.places import COUNTRY
from geo.wards import Wards
from responder_api.accounts import Grant
from streams.database import Reading, has_table
from streams.world import Gauge


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """An area somebody or something stands in: an account's role, a responder's home, an incident, a station's ward."""

    kind: Literal["account", "responder", "incident", "station"]
    who: str
    area: str


class _Placed(msgspec.Struct, frozen=True):
    """What of a document tells where it stands."""

    home: str = ""
    ward: str = ""
    state: str = ""


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """A use whose area other boundaries do not have, or have under another name (`becomes`): it would mean another."""

    use: Use
    was: str
    becomes: str | None

    def __str__(self) -> str:
        after = "is not there" if self.becomes is None else f"would be {self.becomes}"
        now = f", is {self.was} now" if self.was else ""
        return f"{self.use.kind} {self.use.who}: {self.use.area} {after}{now}"


def areas_in_use(connection: Reading) -> tuple[Use, ...]:
    """List the areas in use in a data folder's file: of open incidents, responders, accounts that can sign in."""
    return (*incidents(connection), *homes(connection), *grants(connection))


def grants(connection: Reading) -> Iterator[Use]:
    """List what accounts that can sign in have roles over."""
    if has_table(connection, "account"):
        for name, roles in connection.execute("SELECT name, roles FROM account WHERE disabled = 0 ORDER BY name"):
            for grant in msgspec.json.decode(roles, type=tuple[Grant, ...]):
                yield Use(kind="account", who=f"{name} ({grant.role}@{grant.area})", area=grant.area)


def homes(connection: Reading) -> Iterator[Use]:
    """List the homes of responders."""
    for id_, value in _views(connection, "responder"):
        if value.home:
            yield Use(kind="responder", who=id_, area=value.home)


def incidents(connection: Reading) -> Iterator[Use]:
    """List the wards of incidents that are open."""
    for id_, value in _views(connection, "incident"):
        if value.ward and value.state == "open":
            yield Use(kind="incident", who=id_, area=value.ward)


def reached(stations: Mapping[str, Gauge]) -> Iterator[Use]:
    """List the wards that stations warn."""
    for id_, gauge in sorted(stations.items()):
        for arrival in gauge.wards:
            yield Use(kind="station", who=id_, area=arrival.ward)


def lost(uses: Iterable[Use], before: Wards | None, after: Wards) -> tuple[Lost, ...]:
    """Say which uses would stand in no area any more, or in one of another name, were `after` to count.

    What stands in no area of `before` loses nothing; without `before`, every use counts.
    """
    found = []
    for use in uses:
        was = _name(before, use.area) if before is not None else ""
        becomes = _name(after, use.area)
        if before is not None and not was:
            continue
        if not becomes:
            found.append(Lost(use=use, was=was, becomes=None))
        elif was and plain(was) != plain(becomes):
            found.append(Lost(use=use, was=was, becomes=becomes))
    return tuple(found)


def is_here(wards: Wards, area: str) -> bool:
    """Tell whether boundaries have an area."""
    return area == COUNTRY or bool(wards.rows_in(area))


def _name(wards: Wards, area: str) -> str:
    """Name an area by all its levels, as another county's ward of the same name is another; "" where there is none."""
    if area == COUNTRY:
        return "Kenya"
    row = next(iter(wards.rows_in(area)), None)
    if row is None:
        return ""
    ward = wards.ward(row)
    return ", ".join(reversed((ward.county, ward.constituency, ward.name)[: area.count(".")]))


def _views(connection: Reading, kind: str) -> Iterator[tuple[str, _Placed]]:
    if has_table(connection, "view"):
        rows = connection.execute("SELECT id, value FROM view WHERE kind = ? ORDER BY id", (kind,))
        yield from ((id_, msgspec.json.decode(value, type=_Placed)) for id_, value in rows)

"""Rows of a places file, judged: which are places of Kenya, which are not and why. Pure.

Before this on the road: `geo.place_columns` says what stands where. Next: `geo.place_files` gives the whole.
"""

import math
from collections import Counter
from typing import Final, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from geo import written
from geo.labels import Finding
from geo.places import KENYA_BOX, Rejected
from geo.resolution import Place

MAX_NAME: Final = 200
"""Characters of a name; the longest of real ones have under 100."""
MAX_ALTERNATIVES: Final = 60
MAX_LISTED: Final = 10_000
"""So many skipped rows are listed one by one; all of them are counted."""
SAME_DEG: Final = 4
"""Decimals of a degree to which two places of one name are the same: 11 m."""

Reason = Literal[
    "name-missing", "name-too-long", "row-malformed", "position-missing", "position-not-a-number",
    "position-null-island", "position-swapped", "position-outside", "duplicate",
]  # fmt: skip


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """A row that gives no place: its line in a text or its feature in a layer, a stable code, a reason to read."""

    row: int
    code: Reason
    reason: str
    name: str = ""


class Row(NamedTuple):
    """What a file's row says, as it says it; where a position stands in one cell, `lat` has it and `lon` is empty."""

    number: int
    name: str
    lon: str
    lat: str
    alternatives: tuple[str, ...]
    kind: str
    county: str
    ward: str
    source: str


class Sieve:
    """Takes the rows of one file, one after the other, and gives their places at the end."""

    def __init__(self) -> None:
        self.rows = 0
        self.findings: list[Finding] = []
        self.counts: Counter[Reason] = Counter()
        self._skipped: list[Skipped] = []
        self._taken: list[Row] = []
        self._lons: list[float] = []
        self._lats: list[float] = []

    def skip(self, number: int, code: Reason, reason: str, name: str = "") -> None:
        """Note a row that gives no place."""
        self.counts[code] += 1
        if len(self._skipped) < MAX_LISTED:
            self._skipped.append(Skipped(row=number, code=code, reason=reason, name=name[:MAX_NAME]))

    def malformed(self, number: int, reason: str) -> None:
        """Note a row that cannot be read at all."""
        self.rows += 1
        self.skip(number, "row-malformed", reason)

    def take(self, row: Row, at: tuple[float, float] | None = None) -> None:
        """Take a row; `at`: its position where that needs no reading."""
        self.rows += 1
        name = _clean(row.name)
        if not name:
            self.skip(row.number, "name-missing", "there is no name")
        elif len(name) > MAX_NAME:
            self.skip(row.number, "name-too-long", f"the name has {len(name)} characters; {MAX_NAME} at most", name)
        elif (position := at or self._position(row, name)) is not None:
            self._taken.append(row if name == row.name else row._replace(name=name))
            self._lons.append(position[0])
            self._lats.append(position[1])

    def _position(self, row: Row, name: str) -> tuple[float, float] | None:
        """Read two cells as numbers, else both together as a position written for people."""
        lon, lat = row.lon, row.lat
        try:
            position = _numbers(lon, lat)
        except ValueError:
            found = written.position(f"{lat}, {lon}" if lon else lat)
            if found is not None:
                return found.lon, found.lat
            said = f"{lon[:40]!r}, {lat[:40]!r}" if lon else f"{lat[:80]!r}"
        else:
            if math.isfinite(position[0]) and math.isfinite(position[1]):
                return position
            said = f"{lon[:40]}, {lat[:40]}"
        if lon.strip() or lat.strip():
            self.skip(row.number, "position-not-a-number", f"no position in {said}", name)
        else:
            self.skip(row.number, "position-missing", "there is no position", name)
        return None

    def finish(self, crs: str | None = None) -> tuple[tuple[Place, ...], tuple[Skipped, ...]]:
        """Give the places, in the file's order, and the skipped rows by number; `crs`: what the numbers are in.

        Rejected `places-wrong-crs` for numbers that are no degrees, or not of the named system.
        """
        x, y = np.array(self._lons, dtype=np.float64), np.array(self._lats, dtype=np.float64)
        if crs is not None:
            x, y = _to_degrees(x, y, crs)
        x, y = self._turned(x, y)
        inside, mirrored = _in_box(x, y), _in_box(y, x)
        places: dict[tuple[str, str, float, float], tuple[int, Place]] = {}
        for row, lon, lat, here, there in zip(
            self._taken, x.tolist(), y.tolist(), inside.tolist(), mirrored.tolist(), strict=True
        ):
            if not here:
                self._outside(row, lon, lat, mirrored=there)
                continue
            key = row.name.casefold(), row.kind, round(lon, SAME_DEG), round(lat, SAME_DEG)
            if key in places:
                number, first = places[key]
                self.skip(row.number, "duplicate", f"the same as row {number}", row.name)
                places[key] = number, _joined(first, row)
            else:
                places[key] = row.number, _place(row, lon, lat)
        return tuple(place for _, place in places.values()), tuple(sorted(self._skipped, key=lambda s: s.row))

    def _outside(self, row: Row, lon: float, lat: float, *, mirrored: bool) -> None:
        if mirrored:
            reason = f"longitude {lon:g} and latitude {lat:g} seem to be exchanged"
            self.skip(row.number, "position-swapped", reason, row.name)
        elif lon == 0 and lat == 0:
            self.skip(row.number, "position-null-island", "0, 0 is no position", row.name)
        else:
            reason = f"longitude {lon:g}, latitude {lat:g} lies outside Kenya"
            self.skip(row.number, "position-outside", reason, row.name)

    def _turned(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Exchange longitude and latitude where every row of Kenya has them the other way round."""
        if _in_box(x, y).any() or not len(x):
            return x, y
        if (mirrored := _in_box(y, x)).any():
            text = f"all {int(mirrored.sum())} positions in Kenya had latitude and longitude the other way; exchanged"
            self.findings.append(Finding(kind="swapped-axes", level="repaired", detail=text))
            return y, x
        far = (np.abs(x) > 180.0) | (np.abs(y) > 180.0)
        if far.mean() > 0.5:
            i = int(np.argmax(far))
            says = f"{x[i]:.6g}, {y[i]:.6g} are no degrees; name the coordinate reference system, as EPSG:21037"
            raise Rejected("places-wrong-crs", says)
        return x, y


def _numbers(lon: str, lat: str) -> tuple[float, float]:
    try:
        return float(lon), float(lat)
    except ValueError:
        return float(lon.replace(",", ".")), float(lat.replace(",", "."))


def _in_box(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    west, south, east, north = KENYA_BOX
    box: NDArray[np.bool_] = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return box


def _to_degrees(x: NDArray[np.float64], y: NDArray[np.float64], crs: str) -> tuple[NDArray[np.float64], ...]:
    import pyproj  # here, as most tables are in degrees and loading it takes time
    import pyproj.exceptions

    try:
        transformer = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
        lons, lats = transformer.transform(x, y)
    except pyproj.exceptions.ProjError as fault:
        raise Rejected("places-wrong-crs", f"cannot bring the file to WGS 84: {fault}") from fault
    return np.asarray(lons, dtype=np.float64), np.asarray(lats, dtype=np.float64)


def _clean(text: str) -> str:
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    text = " ".join(text.split()).strip("\"'")
    return text if any(c.isalnum() for c in text) else ""


def _place(row: Row, lon: float, lat: float) -> Place:
    return Place(
        name=row.name,
        lon=lon,
        lat=lat,
        alternatives=_others(row.name, row.alternatives) if row.alternatives else (),
        kind=row.kind,
        source=row.source,
        ward=row.ward,
        county=row.county,
    )


def _others(name: str, alternatives: tuple[str, ...]) -> tuple[str, ...]:
    others = dict.fromkeys(clean for each in alternatives if (clean := _clean(each)) and len(clean) <= MAX_NAME)
    others.pop(name, None)
    return tuple(others)[:MAX_ALTERNATIVES]


def _joined(first: Place, row: Row) -> Place:
    """Add what a second row of the same place says and the first does not."""
    return msgspec.structs.replace(
        first,
        alternatives=_others(first.name, (*first.alternatives, *row.alternatives)),
        source=first.source or row.source,
        ward=first.ward or row.ward,
        county=first.county or row.county,
    )

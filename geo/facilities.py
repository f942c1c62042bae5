"""Places by what they are for: the nearest hospitals, schools or markets to a position, and all that lie in an area.

You are beside the two roads, where somebody asks what stands near, or what an area (`geo.areas`) holds. The places are
those of the gazetteer (`geo.place_files` read them); their kinds are brought to a few of ours by
`geo.resolution.kind_of`.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.areas import Area
from geo.nearby import Nearby, Neighbour
from geo.places import Rejected
from geo.resolution import Place, kind_of

MOST_LISTED: Final = 100
"""Places inside an area that are listed; all are counted."""


class Within(msgspec.Struct, frozen=True, kw_only=True):
    """The places inside an area: how many of each kind, most first, and the first of them by name."""

    total: int
    kinds: dict[str, int]
    places: tuple[Place, ...]


class Facilities:
    """Places that stay where they are; what is indexed is made when first asked for; safe to share between threads."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self._places = tuple(places)

    @property
    def places(self) -> tuple[Place, ...]:
        """Give all of them, in the order they were given in."""
        return self._places

    @cached_property
    def _by_kind(self) -> Mapping[str, Nearby]:
        found: defaultdict[str, Nearby] = defaultdict(Nearby)
        for number, place in enumerate(self._places):
            try:
                found[kind_of(place.kind)].move(str(number), place.lon, place.lat)
            except Rejected:  # a name without a position that can be
                continue
        return dict(found)

    @cached_property
    def _at(self) -> NDArray[np.float64]:
        """Where they are, (n, 2) degrees, longitude first."""
        return np.array([(place.lon, place.lat) for place in self._places], dtype=np.float64).reshape(-1, 2)

    @property
    def kinds(self) -> tuple[str, ...]:
        """List the kinds there are any of, sorted."""
        return tuple(sorted(kind for kind, index in self._by_kind.items() if len(index)))

    def known(self, kind: str) -> int:
        """Count the places of a kind that have a position."""
        return len(self._by_kind.get(kind, ()))

    def nearest(
        self, kind: str, lon: float, lat: float, k: int, within_m: float = math.inf
    ) -> tuple[tuple[Neighbour, Place], ...]:
        """Find the `k` nearest places of a kind by great circle, nearest first; none for a kind there is none of."""
        index = self._by_kind.get(kind)
        if index is None:
            return ()
        return tuple((near, self._places[int(near.id)]) for near in index.nearest(lon, lat, k, within_m))

    def within(self, area: Area, *, most: int = MOST_LISTED) -> Within:
        """Count the places inside an area or on its edge by kind, and list the first `most` of them by name."""
        west, south, east, north = area.shape.bounds
        lons, lats = self._at.T
        near = np.flatnonzero((lons >= west) & (lons <= east) & (lats >= south) & (lats <= north))
        shapely.prepare(area.shape)
        inside = near[shapely.intersects_xy(area.shape, lons[near], lats[near])]
        found = sorted((self._places[i] for i in inside.tolist()), key=lambda place: (place.name, place.lon, place.lat))
        kinds = Counter(kind_of(place.kind) for place in found)
        return Within(total=len(found), kinds=dict(kinds.most_common()), places=tuple(found[:most]))

"""Places by what they are for: the nearest hospitals, police stations, schools or markets to a position.

You are beside the two roads, where somebody asks what stands near. The places are those of the gazetteer
(`geo.place_files` read them); their kinds are brought to a few of ours by `geo.resolution.kind_of`.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from geo.nearby import Near, Nearby
from geo.places import Rejected
from geo.resolution import Place, kind_of


class Facilities:
    """Places that stay where they are, one index a kind, made when first asked for; safe to share between threads."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self._places = tuple(places)

    @cached_property
    def _by_kind(self) -> Mapping[str, Nearby]:
        found: defaultdict[str, Nearby] = defaultdict(Nearby)
        for number, place in enumerate(self._places):
            try:
                found[kind_of(place.kind)].move(str(number), place.lon, place.lat)
            except Rejected:  # a name without a position that can be
                continue
        return dict(found)

    @property
    def kinds(self) -> tuple[str, ...]:
        """List the kinds there are any of, sorted."""
        return tuple(sorted(kind for kind, index in self._by_kind.items() if len(index)))

    def nearest(
        self, kind: str, lon: float, lat: float, k: int, within_m: float = math.inf
    ) -> tuple[tuple[Near, Place], ...]:
        """Find the `k` nearest places of a kind by great circle, nearest first; none for a kind there is none of."""
        index = self._by_kind.get(kind)
        if index is None:
            return ()
        return tuple((near, self._places[int(near.id)]) for near in index.nearest(lon, lat, k, within_m))

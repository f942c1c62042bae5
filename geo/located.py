"""A located position: its ward, how near the edge is, which wards else it could be in, and how sure that is.

You are between `geo.grid` and `geo.edges` (which ward, which edges) and `geo.wards`, which gives these answers out.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from geo import doubt
from geo.edges import Edges
from geo.places import check_position, metres_per_degree

FEW: Final = 2
"""Positions up to which measuring one by one costs less than setting out to measure many."""


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """Where a position lies, and how sure that is.

    `row`: the ward, -1 outside all. `edge_m`: metres to that ward's edge; outside, to the nearest ward's.
    `candidates`: (row, metres) of each ward within the radius, nearest first; 0 for wards that cover the position.
    `confidence`: the chance, 0 to 1, that the true position lies in `row`; 0 outside. `chances`: (row, chance) of every
    ward the true position may lie in, likeliest first; what is missing to 1 lies outside all wards.
    `nearest`: (row, metres) of the nearest ward when outside, else None. `version`: the boundaries' version.
    """

    row: int
    inside: bool
    edge_m: float
    candidates: tuple[tuple[int, float], ...]
    confidence: float
    chances: tuple[tuple[int, float], ...]
    nearest: tuple[int, float] | None
    version: str


class Locator:
    """The answers for one set of wards; `locate` is `Wards.locate`, `covering` is of `geo.grid`."""

    def __init__(
        self,
        locate: Callable[..., NDArray[np.int64]],
        covering: Callable[[float, float], tuple[int, ...]],
        edges: Edges,
        version: str,
        *,
        approximate: bool,
    ) -> None:
        self._locate, self._covering, self._edges = locate, covering, edges
        self._version, self._approximate = version, approximate

    def one(self, lon: float, lat: float, radius_m: float, accuracy_m: float | None) -> Located:
        """Answer for one position, as `Wards.at`."""
        point = check_position(lon, lat)
        near = self._edges.within(point.lon, point.lat, radius_m)
        ranked = sorted((metres, row) for row, metres in near.items())
        return self._answers([point.lon], [point.lat], [ranked], [accuracy_m])[0]

    def many(
        self,
        lons: Sequence[float] | NDArray[Any],
        lats: Sequence[float] | NDArray[Any],
        radius_m: float,
        accuracy_m: float | Sequence[float | None] | NDArray[Any] | None,
    ) -> list[Located]:
        """Answer for many positions, as `Wards.at_many`."""
        points = [check_position(lon, lat) for lon, lat in zip(_listed(lons), _listed(lats), strict=True)]
        xs, ys = [point.lon for point in points], [point.lat for point in points]
        if accuracy_m is None or isinstance(accuracy_m, (int, float)):
            accuracies: list[float | None] = [accuracy_m] * len(points)
        else:
            accuracies = [None if a is None or math.isnan(a) else a for a in _listed(accuracy_m)]
        near = self._edges.within_many(np.asarray(xs, dtype=np.float64), np.asarray(ys, dtype=np.float64), radius_m)
        return self._answers(xs, ys, near, accuracies)

    def _answers(
        self,
        xs: list[float],
        ys: list[float],
        near: list[list[tuple[float, int]]],
        accuracies: Sequence[float | None],
    ) -> list[Located]:
        """Put the answers together; `near` has for each position (metres, row) of the edges within the radius."""
        covering = [self._covering(x, y) for x, y in zip(xs, ys, strict=True)]
        edge_m = self._to_edges(xs, ys, covering, near)
        nearest = [
            None if rows else (found[0][1], found[0][0]) if found else self._edges.nearest(x, y)
            for x, y, rows, found in zip(xs, ys, covering, near, strict=True)
        ]
        sigmas = [doubt.sigma_m(accuracy, approximate=self._approximate) for accuracy in accuracies]
        metres = [edge if out is None else out[1] for edge, out in zip(edge_m, nearest, strict=True)]
        chances = self._chances(xs, ys, covering, metres, sigmas)
        return [
            Located(
                row=rows[0] if rows else -1,
                inside=bool(rows),
                edge_m=m,
                candidates=(
                    *((row, 0.0) for row in rows),
                    *((row, away) for away, row in found if row not in rows),
                ),
                confidence=chance.get(rows[0], 0.0) if rows else 0.0,
                chances=tuple(sorted(chance.items(), key=lambda item: (-item[1], item[0]))),
                nearest=out,
                version=self._version,
            )
            for rows, m, found, chance, out in zip(covering, metres, near, chances, nearest, strict=True)
        ]

    def _to_edges(
        self,
        xs: list[float],
        ys: list[float],
        covering: list[tuple[int, ...]],
        near: list[list[tuple[float, int]]],
    ) -> list[float]:
        """Measure metres to the edge of the first covering ward, infinity where there is none."""
        metres = [
            next((away for away, row in found if row == rows[0]), math.inf) if rows else math.inf
            for rows, found in zip(covering, near, strict=True)
        ]
        far = [i for i, rows in enumerate(covering) if rows and math.isinf(metres[i])]
        if len(far) <= FEW:
            found = [self._edges.of(covering[i][0], xs[i], ys[i]) for i in far]
        else:
            found = self._edges.of_many([covering[i][0] for i in far], [xs[i] for i in far], [ys[i] for i in far])
        for i, away in zip(far, found, strict=True):
            metres[i] = away
        return metres

    def _chances(
        self,
        xs: list[float],
        ys: list[float],
        covering: list[tuple[int, ...]],
        metres: list[float],
        sigmas: list[float],
    ) -> list[dict[int, float]]:
        """Give the chance of each ward: the cloud's shares near an edge, else that of one straight edge."""
        close = [i for i, (m, sigma) in enumerate(zip(metres, sigmas, strict=True)) if m < doubt.REACH * sigma]
        chances: list[dict[int, float]] = [{} for _ in xs]
        if close:
            scales = [metres_per_degree(ys[i]) for i in close]
            spread = np.array([(sigmas[i] / kx, sigmas[i] / ky) for i, (kx, ky) in zip(close, scales, strict=True)])
            at = np.array([(xs[i], ys[i]) for i in close])
            for i, share in zip(close, doubt.shares(self._locate, at, spread), strict=True):
                chances[i] = share
        clouded = set(close)  # also where no point of the cloud lies in any ward
        for i, (rows, m, sigma, chance) in enumerate(zip(covering, metres, sigmas, chances, strict=True)):
            if rows and (i not in clouded or chance.get(rows[0]) == 1.0):
                chance[rows[0]] = max(doubt.NEARLY, 1.0 - doubt.beyond_edge(m, sigma))
        return chances


def _listed(values: Sequence[Any] | NDArray[Any]) -> list[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else list(values)

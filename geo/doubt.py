"""How sure a ward is: the errors of a position and of an edge, and the share of where the truth may be.

You are beside `geo.located`, which asks. The true position is a normal cloud about the stated one; its share in a ward
is the chance that the ward is right, also at corners, in narrow wards and when the error is wider than the ward.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

ACCURACY_M: Final = 50.0
"""Accuracy taken for a position that does not state its own: metres, radius that holds the truth in 68 % of cases."""
BOUNDARY_ERROR_M: Final = 25.0
"""Standard error taken for a ward's edge: half a millimetre on the 1:50,000 sheets wards are drawn on."""
APPROXIMATE_ERROR_M: Final = 1000.0
"""Standard error taken for the edges of boundaries that call themselves an approximation."""
RADIAL_68: Final = 1.5096
"""A circular normal error of standard deviation 1 an axis stays within this radius in 68 % of cases."""

_HALF: Final = 128
_GOLDEN_ANGLE: Final = math.pi * (3.0 - math.sqrt(5.0))
_CHUNK: Final = 4096  # clouds at once: a million positions


def _cloud() -> NDArray[np.float64]:
    """Lay a standard normal in two dimensions as points of equal weight: a sunflower and its mirror image.

    Mirrored, so that a position on a straight edge gets a half; the share of a half-plane is within 0.02.
    """
    nth = np.arange(_HALF) + 0.5
    radius, angle = np.sqrt(-2.0 * np.log1p(-nth / _HALF)), nth * _GOLDEN_ANGLE
    half = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return np.concatenate([half, -half])


CLOUD: Final = _cloud()
"""Where the truth may be, (east, north) in standard deviations; every point weighs the same."""
REACH: Final = float(np.hypot(*CLOUD.T).max())
"""Standard deviations beyond which the cloud has no point; an edge farther away leaves one ward, at 0.9995 or more."""
NEARLY: Final = 1.0 - 0.5 / len(CLOUD)
"""What a whole cloud in one ward says at least."""


def sigma_m(accuracy_m: float | None, *, approximate: bool) -> float:
    """Add the errors of a position and of an edge: the standard deviation an axis, metres.

    `accuracy_m` is the radius that holds the truth in 68 % of cases; None and NaN take `ACCURACY_M`, below 0 counts as
    0.
    """
    edge = APPROXIMATE_ERROR_M if approximate else BOUNDARY_ERROR_M
    stated = ACCURACY_M if accuracy_m is None or math.isnan(accuracy_m) else max(accuracy_m, 0.0)
    return math.hypot(edge, stated / RADIAL_68)


def beyond_edge(edge_m: float, sigma: float) -> float:
    """Give the chance that the truth lies across a straight edge that is `edge_m` metres away."""
    return 0.5 * math.erfc(edge_m / (sigma * math.sqrt(2.0)))


def shares(
    locate: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.int64]],
    at: NDArray[np.float64],
    spread_deg: NDArray[np.float64],
) -> list[dict[int, float]]:
    """Give for each position the share of its cloud in each ward, {row: share}; what lies outside all is left out.

    `at`: (n, 2) degrees; `spread_deg`: (n, 2), one standard deviation in degrees of longitude and of latitude.
    """
    if len(at) == 1:  # a report: what sorts out many clouds costs one cloud as much as finding its wards
        counts = np.bincount(locate(*(at + CLOUD * spread_deg).T) + 1).tolist()
        return [{row: count / len(CLOUD) for row, count in enumerate(counts[1:]) if count}]
    found: list[dict[int, float]] = []
    for start in range(0, len(at), _CHUNK):
        cloud = at[start : start + _CHUNK, None, :] + CLOUD * spread_deg[start : start + _CHUNK, None, :]
        rows = locate(cloud[..., 0].ravel(), cloud[..., 1].ravel())
        wards = int(rows.max(initial=0)) + 2
        keys, counts = np.unique(np.repeat(np.arange(len(cloud)), len(CLOUD)) * wards + rows + 1, return_counts=True)
        part: list[dict[int, float]] = [{} for _ in range(len(cloud))]
        for key, count in zip(keys.tolist(), (counts / len(CLOUD)).tolist(), strict=True):
            if key % wards:
                part[key // wards][key % wards - 1] = count
        found += part
    return found

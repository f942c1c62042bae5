"""The areas of a CAP message about wards: each with its name, its geocode and an outline that agencies can draw. Pure.

You are in `streams.bulletins`, which writes a warning's infos. The geocode says exactly which ward is meant. The
outline is for those who do not know our wards: few positions, no holes, and the whole ward inside, so that nobody who
lives there is left out; by how much it reaches beyond stands in the message as the parameter `dharura:area-error`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from alerts import wording
from alerts.cap import WARD_SCHEME, Area, Named
from geo.fitting import CAP_POLYGON
from geo.measure import km2
from geo.outlines import Outlined, budgets, outline
from geo.wards import Wards

AREA_ERROR: Final = "dharura:area-error"
"""Name of the parameter that says how far the polygons of a message differ from the wards they stand for."""
SLACK: Final = 0.02
SLACK_KM2: Final = 1.0
"""A ward's outline may reach this share of the ward further, at most this far, for the sake of fewer positions."""


def areas_of(wards: Wards, paths: Iterable[str]) -> tuple[tuple[Area, ...], tuple[Named, ...]]:
    """Make the areas of these wards, in their order, and the parameter that states the error of their outlines.

    A ward that is not within our boundaries has its geocode alone; without any outline there is no parameter.
    """
    listed = list(paths)
    shapes = {path: shape for path in listed if (shape := _shape(wards, path)) is not None}
    sizes = {path: km2(shape) for path, shape in shapes.items()}
    slack = {path: min(SLACK, SLACK_KM2 / size) for path, size in sizes.items()}
    needs = [outline(shape, CAP_POLYGON, slack[path]).vertices for path, shape in shapes.items()]
    drawn = {
        path: outline(shape, CAP_POLYGON if most == need else most, slack[path])
        for (path, shape), need, most in zip(shapes.items(), needs, budgets(needs), strict=True)
    }
    parameters = (Named(AREA_ERROR, error_text(sizes, drawn)),) if drawn else ()
    return tuple(_area(wards, path, drawn.get(path)) for path in listed), parameters


def _shape(wards: Wards, path: str) -> Any:
    row = wards.find(path)
    return wards.geometry(row) if row >= 0 else None


def _area(wards: Wards, path: str, drawn: Outlined | None) -> Area:
    if drawn is None:
        return Area(description=path, geocodes=(Named(WARD_SCHEME, path),))
    ward = wards.ward(wards.row(path))
    description = wording.area_text(ward.name, ward.county)
    return Area(description=description, polygons=drawn.rings, geocodes=(Named(WARD_SCHEME, ward.path),))


def error_text(sizes: Mapping[str, float], drawn: Mapping[str, Outlined]) -> str:
    """Write the error of some outlines: its share of all wards' area, square kilometres lost and added, the worst."""
    lost, added = (sum(getattr(each, name) for each in drawn.values()) for name in ("lost_km2", "added_km2"))
    share = (lost + added) / sum(sizes[path] for path in drawn)
    worst = max(drawn, key=lambda path: drawn[path].area_error)
    text = f"share={share:.4f}; lost_km2={lost:.2f}; added_km2={added:.2f}"
    return f"{text}; worst={worst} {drawn[worst].area_error:.4f}"

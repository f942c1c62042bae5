"""What is wrong with a boundary file, as a table to read and as GeoJSON to look at. Pure.

`geo.boundaries` has found and mended what stands in single rows; here the wards are held against each other: their
edges, their forms, their labels, and the places in them. Nothing is repaired here.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.boundaries import Boundaries
from geo.labels import Finding
from geo.resolution import Place
from geo.survey import edges, forms, labels, swaps
from geo.survey.report import Report, sorted_findings
from geo.ward_codes import doubts

__all__ = ["Report", "survey"]

SHOWN_WARDS = 200
"""How many wards of a finding without a shape of its own are marked on the map."""


def survey(boundaries: Boundaries, places: Sequence[Place] | None = None) -> Report:
    """Hold the wards against each other, besides what reading the file has found.

    With places, also hold the wards' names against those of the places in them, which is how labels that were
    exchanged between two wards are found.
    """
    columns, shapes = boundaries.columns, boundaries.geometries
    near = edges.neighbours(shapes)
    findings = [
        *boundaries.findings,
        *doubts(columns, boundaries.codes),
        *edges.overlaps(boundaries),
        *edges.gaps(boundaries),
        *forms.several_parts(boundaries),
        *forms.thin(boundaries),
        *forms.spikes(boundaries),
        *forms.unusual_areas(boundaries),
        *labels.shared_names(columns),
        *labels.unusual_names(columns),
        *labels.clashes(columns),
        *labels.among_strangers(columns, near),
        *labels.scattered(columns, near),
        *labels.counts(columns),
        *(swaps.exchanged(boundaries, places) if places else ()),
    ]
    return Report(
        version=boundaries.version,
        wards=len(shapes),
        findings=sorted_findings([_with_shape(finding, shapes) for finding in findings]),
        names=tuple(f"{code} {name}".strip() for code, name in zip(columns["ward_code"], columns["ward"], strict=True)),
    )


def _with_shape(finding: Finding, shapes: NDArray[np.object_]) -> Finding:
    """Give a finding without a place of its own the points of its wards, so that it can be looked at."""
    if finding.shape is not None or not 0 < len(finding.rows) <= SHOWN_WARDS:
        return finding
    drawn = [shapes[row] for row in finding.rows if shapes[row] is not None]
    points = shapely.multipoints(shapely.point_on_surface(drawn)) if drawn else None
    return msgspec.structs.replace(finding, shape=points)

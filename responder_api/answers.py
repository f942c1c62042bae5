"""Answer which ward a position or words lie in, with the doubt: the row that `dharura locate` writes.

You are between `geo` (which knows) and whoever asks from outside the road. Only what is asserted is said: a ward stands
in the answer when the position lies in it or the gazetteer asserts it; else there are candidates.
"""

import math

import msgspec

from geo.gazetteer import Gazetteer
from geo.places import in_kenya_box
from geo.wards import ACCURACY_M, APPROXIMATE_ERROR_M, BOUNDARY_ERROR_M, RADIAL_68, Located, Ward, Wards

SAY_EDGE_M = 50.0
"""An edge nearer than this is said in the reason."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A ward or none, and why. `candidates` are (ward code, chance) with the likeliest first; `edge_m` is metres."""

    ward: Ward | None = None
    edge_m: float | None = None
    candidates: tuple[tuple[str, float], ...] = ()
    confidence: float | None = None
    reason: str = ""

    def cells(self) -> list[str]:
        """Write the answer as CSV cells: code, ward, constituency, county, edge_m, candidates, confidence, reason."""
        ward = self.ward
        named = ["", "", "", ""] if ward is None else [ward.code, ward.name, ward.constituency, ward.county]
        listed = [{"ward_code": code, "confidence": round(chance, 4)} for code, chance in self.candidates]
        return [
            *named,
            "" if self.edge_m is None else f"{self.edge_m:.1f}",
            msgspec.json.encode(listed).decode(),
            "" if self.confidence is None else f"{self.confidence:.4f}",
            self.reason,
        ]


def at_point(wards: Wards, lon: float, lat: float, accuracy_m: float | None = None) -> Answer:
    """Answer for a position in degrees, WGS 84; Rejected as in `geo.places.check_position`."""
    located = wards.at(lon, lat, accuracy_m=accuracy_m)
    tails = _tails(wards, located, accuracy_m)
    if not located.inside:
        return _outside(wards, lon, lat, located, tails)
    others, left = sum(tails.values()) or 1.0, 1.0 - located.confidence
    chances = {located.row: located.confidence} | {row: left * tail / others for row, tail in tails.items()}
    ward = wards.ward(located.row)
    if sum(metres == 0.0 for _, metres in located.candidates) > 1:
        reason = "wards overlap here: the file's first one is taken"
    elif located.edge_m < SAY_EDGE_M:
        reason = f"inside, {located.edge_m:.0f} m from the edge"
    else:
        reason = "inside"
    return Answer(
        ward=ward,
        edge_m=located.edge_m,
        candidates=_codes(wards, chances),
        confidence=located.confidence,
        reason=reason,
    )


def _outside(wards: Wards, lon: float, lat: float, located: Located, tails: dict[int, float]) -> Answer:
    reason = "outside all wards" if in_kenya_box(lon, lat) else "outside Kenya"
    if located.nearest is not None and math.isfinite(located.nearest[1]):
        nearest = wards.ward(located.nearest[0])
        reason += f"; the nearest is {nearest.name}, {nearest.county}, {located.nearest[1] / 1000.0:,.1f} km away"
    edge_m = located.edge_m if math.isfinite(located.edge_m) else None
    return Answer(edge_m=edge_m, candidates=_codes(wards, tails), confidence=0.0, reason=reason)


def _tails(wards: Wards, located: Located, accuracy_m: float | None) -> dict[int, float]:
    """Give each other candidate the chance that errors of position and edge together reach as far as it is away."""
    error = APPROXIMATE_ERROR_M if wards.approximate else BOUNDARY_ERROR_M
    sigma = math.hypot(error, (ACCURACY_M if accuracy_m is None else accuracy_m) / RADIAL_68)
    return {
        row: 0.5 * math.erfc(metres / (sigma * math.sqrt(2.0)))
        for row, metres in located.candidates
        if row != located.row
    }


def _codes(wards: Wards, chances: dict[int, float]) -> tuple[tuple[str, float], ...]:
    ranked = sorted(chances.items(), key=lambda item: (-item[1], item[0]))
    return tuple((wards.ward(row).code, chance) for row, chance in ranked)


def of_text(wards: Wards, gazetteer: Gazetteer, text: str, near: tuple[float, float] | str | None = None) -> Answer:
    """Answer for words; `near` as in `Gazetteer.resolve`. Never raises for any text."""
    found = gazetteer.resolve(text, near)
    codes = tuple((wards.ward(each.ward_row).code, each.confidence) for each in found.candidates)
    if not found.candidates or not found.asserted:
        best = found.candidates[0].confidence if found.candidates else 0.0
        return Answer(candidates=codes, confidence=best, reason=found.question or "nothing in the text names a place")
    first = found.candidates[0]
    edge_m = None
    if math.isfinite(first.lon) and math.isfinite(first.lat):
        edge_m = wards.at(first.lon, first.lat, radius_m=0.0).edge_m
    return Answer(
        ward=wards.ward(first.ward_row),
        edge_m=edge_m,
        candidates=codes,
        confidence=first.confidence,
        reason=f"“{first.matched}”: {first.why}" if first.matched else first.why,
    )

"""The values of the gazetteer: a place that is known, a ward that may be meant, and what to ask when it is not clear.

`geo.gazetteer` makes these; the report step reads them.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from geo.counties import COUNTIES
from geo.wards import Wards


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A named place: a town, market, school, river. `kind` is free; GeoNames codes are understood. Degrees, WGS 84.

    `ward` is the code or path of its ward where that is known otherwise than by the position; `county` is the name or
    code of the county it is listed under, as the file gives it.
    """

    name: str
    lon: float
    lat: float
    alternatives: tuple[str, ...] = ()
    kind: str = ""
    source: str = ""
    ward: str = ""
    county: str = ""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A ward a text may mean: `matched` are the text's words, `why` is for a person, `lon`, `lat` the place itself."""

    ward_row: int
    path: str
    confidence: float
    matched: str
    why: str
    lon: float
    lat: float


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """The wards a text may mean, likeliest first.

    When `asserted`, the first candidate is the answer. When not, nothing may be taken for granted, and `question`
    (English; `question_sw` Swahili) is what would settle it; choices in it are numbered as the candidates are.
    """

    candidates: tuple[Candidate, ...]
    asserted: bool
    question: str | None = None
    question_sw: str | None = None


def ask(wards: Wards, candidates: Sequence[Candidate], area: str | None) -> Resolution:
    """Leave the ward open and say what to ask, in English and Swahili; `area` is the county a text names, if any."""
    if len(candidates) > 1:
        choices = []
        for number, candidate in enumerate(candidates[:4], start=1):
            ward = wards.ward(candidate.ward_row)
            choices.append(f"{number} {ward.name} ({ward.constituency or ward.county})")
        listed = ", ".join(choices)
        english, swahili = f"Which place do you mean: {listed}?", f"Unamaanisha wapi: {listed}?"
    elif candidates:
        ward = wards.ward(candidates[0].ward_row)
        english = f"Do you mean {ward.name} ward, {ward.constituency or ward.county}?"
        swahili = f"Unamaanisha wadi ya {ward.name}, {ward.constituency or ward.county}?"
    else:
        within = COUNTIES.get(area.split(".")[1], "") if area is not None else ""
        english = f"Where{f' in {within}' if within else ''} is it? Name the ward, or a market or school near it."
        swahili = f"Ni wapi{f' katika {within}' if within else ''}? Taja wadi, au soko au shule iliyo karibu."
    return Resolution(candidates=tuple(candidates), asserted=False, question=english, question_sw=swahili)


def kind_of(kind: str) -> str:
    """Bring a place's kind to one of ours; GeoNames codes such as P.PPL and H.STM are understood."""
    plain = kind.strip().lower()
    if "." not in plain:
        return _PLAIN.get(plain, plain)
    return _GEONAMES.get(plain) or _GROUPS.get(plain[:1], "place")


_PLAIN: Final = {
    "": "place", "stream": "river", "health": "hospital", "clinic": "hospital", "dispensary": "hospital",
    "mosque": "church", "primary": "school", "secondary": "school", "college": "school", "trading centre": "town",
}  # fmt: skip
_GROUPS: Final = {"h": "river", "t": "hill", "r": "road", "p": "town", "l": "locality", "v": "forest", "a": "location"}
_GEONAMES: Final = {
    code: kind
    for kind, codes in {
        "school": "s.sch s.scha s.schc s.scht s.univ", "market": "s.mkt", "bridge": "s.bdg",
        "farm": "s.frm s.est s.rnch",
        "hospital": "s.hsp s.hspc s.ctrm s.hspd", "church": "s.ch s.mssn s.msqe", "station": "s.rstn s.pp s.stnf",
        "airport": "s.airp s.airf", "hotel": "s.htl", "dam": "s.dam h.rsv h.rsvi", "well": "h.wll h.wtrh h.pnd h.spng",
        "lake": "h.lk h.lki h.lks", "estate": "p.pplx", "beach": "t.bch", "island": "t.isl t.isls", "camp": "s.cmp",
        "reef": "h.rf h.bay t.pt t.cape", "junction": "r.rdjct",
    }.items()
    for code in codes.split()
}  # fmt: skip

"""The values of the gazetteer: a place that is known, a ward that may be meant, and what to ask when it is not clear.

`geo.gazetteer` makes these; the report step reads them.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from geo.counties import COUNTIES
from geo.ward import Ward
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


MOST_CHOICES: Final = 4
LIKELY: Final = 0.15
"""What is less likely than this share of the likeliest is no choice worth asking about."""

HOPELESS: Final = 0.15
"""When all candidates together are less likely than this, none of them is worth naming to the sender."""


def ask(wards: Wards, candidates: Sequence[Candidate], area: str | None) -> Resolution:
    """Leave the ward open and say what to ask, in English and Swahili; `area` is the county a text names, if any."""
    choices = [c for c in candidates[:MOST_CHOICES] if c.confidence >= LIKELY * candidates[0].confidence]
    hopeless = sum(c.confidence for c in candidates) < HOPELESS
    choices = [] if hopeless else choices
    if len(choices) > 1 and sum(c.confidence for c in candidates) > 2.0 * sum(c.confidence for c in choices):
        english, swahili = _open(candidates[0].matched)
    elif len(choices) > 1:
        english, swahili = _choice(choices, [wards.ward(c.ward_row) for c in choices])
    elif candidates and not hopeless:
        ward = wards.ward(candidates[0].ward_row)
        english = f"Do you mean {ward.name} ward, {ward.constituency or ward.county}?"
        swahili = f"Unamaanisha wadi ya {ward.name}, {ward.constituency or ward.county}?"
    else:
        within = COUNTIES.get(area.split(".")[1], "") if area is not None else ""
        english = f"Where{f' in {within}' if within else ''} is it? Name the ward, or a market or school near it."
        swahili = f"Ni wapi{f' katika {within}' if within else ''}? Taja wadi, au soko au shule iliyo karibu."
    return Resolution(candidates=tuple(candidates), asserted=False, question=english, question_sw=swahili)


def _open(said: str) -> tuple[str, str]:
    return (
        f"There are many places called {said}. Which county is it in, and what ward or market is near it?",
        f"Kuna mahali pengi paitwapo {said}. Ni kaunti gani, na wadi au soko gani iko karibu?",
    )


def _choice(choices: Sequence[Candidate], meant: Sequence[Ward]) -> tuple[str, str]:
    """Ask for what parts the choices: their wards' names if those were said, else county, else sub-county."""
    said = choices[0].matched
    names = [ward.name for ward in meant]
    spelt = all(_plain(said) in _plain(name) for name in names)
    if any(each.matched != said for each in choices) or (spelt and len(set(names)) == len(names)):
        said = ""
    for parts in ([ward.county for ward in meant], [ward.constituency for ward in meant]):
        if said and all(parts) and len(set(parts)) == len(parts):
            listed = [f"{number} {part}" for number, part in enumerate(parts, start=1)]
            return f"Which {said}: {_or(listed, 'or')}?", f"{said} ipi: {_or(listed, 'au')}?"
    listed = [f"{k} {ward.name} ({ward.constituency or ward.county})" for k, ward in enumerate(meant, start=1)]
    return f"Which place do you mean: {', '.join(listed)}?", f"Unamaanisha wapi: {', '.join(listed)}?"


def _or(listed: Sequence[str], last: str) -> str:
    return f"{', '.join(listed[:-1])} {last} {listed[-1]}"


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


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

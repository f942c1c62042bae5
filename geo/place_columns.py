"""Which column of a table of places is which, in the usual spellings of Kenya's tables. Pure.

Before this on the road: `geo.text_tables` reads lines. Next: `geo.place_rows` judges each row.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from geo.labels import plain
from geo.places import Rejected

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "name": ("name", "jina", "place", "place_name", "placename", "name_en", "official_name", "full_name", "facility",
             "facility_name", "school", "school_name", "name_of_school", "town", "village", "settlement", "market",
             "locality", "site", "site_name", "mahali", "title", "label", "asciiname"),
    "alternatives": ("alternatives", "alt_names", "alt_name", "alternative_names", "alternate_names", "alternatenames",
                     "aliases", "alias", "other_names", "other_name", "also", "majina_mengine", "local_name"),
    "kind": ("kind", "feature_code", "fcode", "category", "type", "aina", "fclass", "facility_type", "place_type",
             "settlement_type", "type_of_place", "amenity", "class"),
    "group": ("feature_class", "featureclass"),
    "lon": ("lon", "longitude", "lng", "long", "x", "xcoord", "x_coord", "point_x", "longitudo", "longitud",
            "gps_longitude", "decimal_longitude", "dd_longitude", "lon_dd", "longitude_x", "easting"),
    "lat": ("lat", "latitude", "y", "ycoord", "y_coord", "point_y", "latitudo", "latitud", "gps_latitude",
            "decimal_latitude", "dd_latitude", "lat_dd", "latitude_y", "northing"),
    "position": ("position", "coordinates", "coordinate", "coords", "gps", "gps_coordinates", "latlong", "latlon",
                 "lat_long", "geopoint", "location", "wkt", "the_geom", "geom", "geometry", "plus_code"),
    "county": ("county", "county_name", "counties", "kaunti", "adm1_en", "adm1_name", "name_1", "county_code"),
    "ward": ("ward_code", "ward_path", "ward_id", "ward_no", "caw_code", "adm3_pcode"),
    "source": ("source", "chanzo", "data_source", "dataset", "provider"),
    "licence": ("licence", "license"),
}  # fmt: skip
"""Our columns and the usual spellings of each, compared by letters and digits alone; the first that is there counts."""

GROUPS: Final = frozenset("AHLPRSTUV")
"""The feature classes of GeoNames."""

_SEPARATED: Final = re.compile(r"[;|\n]")


def recognise(fields: Sequence[str], told: Mapping[str, str] | None = None, *, drawn: bool = False) -> dict[str, int]:
    """Say at which place of a header each of our columns stands, as {ours: index}.

    `told` (ours to theirs) goes before the usual spellings; `drawn`: the positions stand elsewhere. A column of
    positions counts only where longitude or latitude is missing. Rejected `places-unknown-column` when `told` names
    what is not there, `places-no-names` or `places-no-positions` when the table lacks what a place needs.
    """
    found = _told(fields, told or {})
    by_spelling = {plain(fields[i]): i for i in reversed(range(len(fields))) if i not in found.values()}
    for ours, spellings in COLUMNS.items():
        index = next((by_spelling[plain(s)] for s in spellings if plain(s) in by_spelling), None)
        if ours not in found and index is not None and index not in found.values():
            found[ours] = index
    listed = ", ".join(field[:40] for field in fields[:40])
    if "name" not in found:
        raise Rejected("places-no-names", f"no column of names among: {listed}; say --map name=COLUMN")
    if drawn or {"lon", "lat"} <= found.keys():
        found.pop("position", None)
    elif "position" not in found:
        raise Rejected("places-no-positions", f"no columns of positions among: {listed}; say --map lon=X,lat=Y")
    return found


def _told(fields: Sequence[str], told: Mapping[str, str]) -> dict[str, int]:
    ours_by_spelling = {
        plain(s): ours for ours, spellings in reversed(list(COLUMNS.items())) for s in (*spellings, ours)
    }
    found = {}
    for ours, theirs in told.items():
        known = ours if ours in COLUMNS else ours_by_spelling.get(plain(ours))
        if known is None:
            raise Rejected("places-unknown-column", f"there is no column {ours!r}; ours are {', '.join(COLUMNS)}")
        if theirs not in fields:
            listed = ", ".join(field[:40] for field in fields[:40])
            raise Rejected("places-unknown-column", f"no column {theirs!r} in the file: {listed}")
        found[known] = list(fields).index(theirs)
    return found


def alternatives(cell: str, *more: str) -> list[str]:
    """Split a cell of other names: by semicolon, bar or line where there is any, else by comma."""
    separated = _SEPARATED.split(cell) if _SEPARATED.search(cell) else cell.split(",")
    return [name for each in (*more, *separated) if (name := " ".join(each.split())) and "://" not in name]


def kind(code: str, group: str = "") -> str:
    """Make a kind of GeoNames' class and code, as `P.PPL`; what is not theirs stays as it is."""
    code, group = " ".join(code.split()), group.strip()
    return f"{group}.{code}" if group in GROUPS and code and "." not in code else code or group

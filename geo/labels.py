"""The labels of a boundary file: which column is which, and codes that make area paths. Pure.

Before this on the road: `geo.boundaries` reads the columns. Next: `geo.wards` makes a path of each row's codes.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from geo.counties import COUNTIES
from geo.places import Rejected

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "ward": ("ward", "ward_name", "wards", "adm3_en", "adm3_name", "name_3", "caw_name", "caw", "county_assembly",
             "name"),
    "ward_code": ("ward_code", "ward_id", "ward_no", "adm3_pcode", "caw_code", "cawcode", "code"),
    "constituency": ("constituency", "constituency_name", "const_name", "const", "subcounty", "sub_county_name",
                     "adm2_en", "adm2_name", "name_2"),
    "constituency_code": ("constituency_code", "const_code", "constituency_id", "const_no", "subcounty_code",
                          "adm2_pcode"),
    "county": ("county", "county_name", "counties", "adm1_en", "adm1_name", "name_1"),
    "county_code": ("county_code", "county_id", "county_no", "county_cod", "adm1_pcode"),
}  # fmt: skip
"""Our columns and the usual spellings of each, compared by letters and digits alone."""

CODE_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "code_2012": ("code_2012", "ward_code_2012", "caw_code_2012"),
    "code_2022": ("code_2022", "ward_code_2022", "caw_code_2022"),
    "pcode": ("pcode", "ward_pcode"),
}
"""Columns of codes under a scheme of their own (`geo.ward_codes`); a column may be one of these and one of ours."""

WIDTHS: Final = {"county_code": 3, "constituency_code": 3, "ward_code": 4}
OWN_CODES: Final = {"county_code": 901, "constituency_code": 501, "ward_code": 5001}
"""Where our own numbers begin when a file has no codes: far above the official 47, 290 and 1,450."""

Level = Literal["error", "warning", "repaired", "note"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing noticed about a boundary file, or a file of places.

    `kind` is stable, lower-kebab. `rows` are the wards meant, none for places. `area_m2` and `shape` (a shapely
    geometry, WGS 84) are there where the thing has a place one can look at.
    """

    kind: str
    level: Level
    detail: str
    rows: tuple[int, ...] = ()
    area_m2: float | None = None
    shape: Any = None


def plain(text: str) -> str:
    """Reduce a label to its letters and digits in lower case, for comparison."""
    return "".join(c for c in text.lower() if c.isalnum())


def recognise(fields: Sequence[str], columns: Mapping[str, str] | None = None) -> dict[str, str]:
    """Say which of the file's fields holds which of our columns, as {ours: theirs}.

    `columns` (ours to theirs) goes before the usual spellings. Rejected `boundaries-unknown-column` when it names what
    is not there, `boundaries-no-names` when nothing holds ward names.
    """
    told = dict(columns or {})
    every = {**COLUMNS, **CODE_COLUMNS}
    for ours, theirs in told.items():
        if ours not in every:
            raise Rejected("boundaries-unknown-column", f"there is no column {ours!r}; ours are {', '.join(every)}")
        if theirs not in fields:
            raise Rejected("boundaries-unknown-column", f"no column {theirs!r} in the file: {', '.join(fields)}")
    taken = {theirs for ours, theirs in told.items() if ours in COLUMNS}
    by_spelling = {plain(field): field for field in reversed(fields) if field not in taken}
    found = dict(told)
    for ours, spellings in every.items():
        theirs_now = next((by_spelling[plain(s)] for s in spellings if plain(s) in by_spelling), None)
        if ours not in found and theirs_now is not None and theirs_now not in taken:
            found[ours] = theirs_now
            taken |= {theirs_now} if ours in COLUMNS else set()
    if "ward" not in found:
        raise Rejected(
            "boundaries-no-names",
            f"no column holds ward names; say --map ward=COLUMN; the file has: {', '.join(fields) or 'none'}",
        )
    return found


_SAME: Final = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201b\u2032\u02bc\u02b9\u0060\u00b4", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-")
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad")
)
"""Signs that look like an apostrophe or a dash, or like nothing, and what stands for them."""


def tidied(labels: Mapping[str, Sequence[object]]) -> tuple[dict[str, list[str]], list[Finding]]:
    """Write names without stray spaces, with plain apostrophes and dashes; say in which rows that changed anything.

    `labels` holds cells as they were read; they come out as texts. Only what nobody reads as another name is changed:
    capitals and spellings stay.
    """
    out = {column: [text_of(cell) for cell in cells] for column, cells in labels.items()}
    findings = []
    for column in ("ward", "constituency", "county"):
        before = labels.get(column, ())
        out_now = [unicodedata.normalize("NFC", text.translate(_SAME)) for text in out.get(column, ())]
        changed = tuple(
            row
            for row, (cell, text) in enumerate(zip(before, out_now, strict=True))
            if isinstance(cell, str) and cell != text
        )
        if changed:
            out[column] = [" ".join(text.split()) for text in out_now]
            text = f"stray spaces or unusual signs in {len(changed)} {column} names, written plainly"
            findings.append(Finding(kind="tidied-names", level="repaired", detail=text, rows=changed))
    return out, findings


def text_of(value: object) -> str:
    """Make one clean text of a cell: "" for missing, no ".0" on whole numbers, single spaces."""
    if value is None or value != value:  # NaN, the usual mark of a missing cell, differs from itself
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split())


def _digits(code: str, width: int) -> str:
    """Take a code's own digits: `42`, `042`, or the end of a P-code such as KE0422381189; "" if it is neither."""
    match = re.fullmatch(r"(?:KE)?(\d+)", code.upper().replace(" ", ""), flags=re.ASCII)
    if match is None or (not code.upper().startswith("KE") and len(match[1].lstrip("0")) > width):
        return ""
    return match[1][-width:].zfill(width)


def settle(labels: Mapping[str, Sequence[str]]) -> tuple[dict[str, tuple[str, ...]], list[Finding]]:
    """Give every row the codes an area path needs, and say where they were missing, unusual or not unique.

    `labels` has our columns (any but `ward` may be missing), one clean text a row. A missing county code follows from
    the county's name; other missing codes are numbered by us in the order of the names, above the official ranges.
    """
    n = len(labels["ward"])
    out = {column: list(labels.get(column, [""] * n)) for column in COLUMNS}
    by_name = {plain(name): code for code, name in COUNTIES.items()} | {"nairobicity": "047"}
    findings: list[Finding] = []
    for column, width in WIDTHS.items():
        codes = [_digits(code, width) for code in out[column]]
        if column == "county_code":
            codes = [code or by_name.get(plain(name), "") for code, name in zip(codes, out["county"], strict=True)]
            out["county"] = [name or COUNTIES.get(code, "") for code, name in zip(codes, out["county"], strict=True)]
        missing = [i for i in range(n) if not codes[i]]
        if missing:
            _number(column, codes, missing, out)
            kind = column.replace("_", "-")
            text = f"{len(missing)} rows have no usable {column}; numbered by us, these numbers are not official"
            findings.append(Finding(kind=f"missing-{kind}", level="warning", detail=text, rows=tuple(missing)))
        out[column] = codes
    findings += _parts(labels, out) + _doubts(out, by_name)
    return {column: tuple(values) for column, values in out.items()}, findings


def _parts(told: Mapping[str, Sequence[str]], out: Mapping[str, Sequence[str]]) -> list[Finding]:
    """Find P-codes that name another county or constituency in their first digits than the row says."""
    findings = []
    for column in ("constituency_code", "ward_code"):
        above = [name for name in WIDTHS if WIDTHS[name] < WIDTHS[column] or name == "county_code"]
        width = sum(WIDTHS[name] for name in above) + WIDTHS[column]
        for row, code in enumerate(told.get(column, ())):
            match = re.fullmatch(rf"KE(\d{{{width}}})", code.upper().replace(" ", ""), flags=re.ASCII)
            said = "".join(out[name][row] for name in above)
            if match is not None and match[1][: len(said)] != said:
                text = f"{code} begins with another county or constituency than {' and '.join(above)} {said}"
                findings.append(Finding(kind="code-parts-disagree", level="warning", detail=text, rows=(row,)))
    return findings


def _number(column: str, codes: list[str], missing: list[int], out: Mapping[str, Sequence[str]]) -> None:
    levels = {"county_code": ("county",), "constituency_code": ("county_code", "constituency")}
    keys = {
        i: tuple(out[c][i] for c in levels.get(column, ("county_code", "constituency_code", "ward"))) for i in missing
    }
    if column == "ward_code":  # each row is a ward of its own, even if two share a name
        keys = {i: (*key, f"{i:09}") for i, key in keys.items()}
    numbers = {key: OWN_CODES[column] + k for k, key in enumerate(sorted(set(keys.values())))}
    for i, key in keys.items():
        codes[i] = f"{numbers[key]:0{WIDTHS[column]}}"
        if len(codes[i]) > WIDTHS[column]:
            raise Rejected("boundaries-too-large", f"more rows without {column} than there are numbers for")


def _doubts(out: Mapping[str, Sequence[str]], by_name: Mapping[str, str]) -> list[Finding]:
    n = len(out["ward"])
    findings: list[Finding] = []
    nameless = tuple(i for i in range(n) if not out["ward"][i])
    if nameless:
        findings.append(
            Finding(kind="missing-name", level="error", detail=f"{len(nameless)} wards without a name", rows=nameless)
        )
    for i, (code, name) in enumerate(zip(out["county_code"], out["county"], strict=True)):
        if by_name.get(plain(name), code) != code:
            text = f"{name} has county code {code}, officially {by_name[plain(name)]}"
            findings.append(Finding(kind="county-mismatch", level="warning", detail=text, rows=(i,)))
    for kind, level, columns in (
        ("duplicate-code", "error", ("ward_code",)),
        ("duplicate-name", "warning", ("county_code", "constituency_code", "ward")),
    ):
        rows: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for i in range(n):
            rows[tuple(plain(out[c][i]) for c in columns)].append(i)
        for same in rows.values():
            if len(same) > 1 and out["ward"][same[0]]:
                where = "; ".join(f"{out['ward_code'][i]} {out['ward'][i]}, {out['constituency'][i]}" for i in same)
                text = f"{len(same)} wards share it: {where}"
                findings.append(Finding(kind=kind, level=level, detail=text, rows=tuple(same)))  # type: ignore[arg-type]  # by name
    return findings

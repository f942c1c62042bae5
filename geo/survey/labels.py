"""Labels held against each other: names that repeat, codes that contradict, wards among strangers. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from geo.counties import COUNTIES, WARDS_2012
from geo.labels import Finding, plain

Columns = Mapping[str, Sequence[str]]
Neighbours = Sequence[Sequence[int]]

ORDERLY: Final = 0.98
"""Share of wards whose codes ascend with those of their constituencies, from which on the others are doubtful."""
_USUAL: Final = re.compile(r"[^\W\d_][\w' /().&-]*[\w).']")
"""A name: letters and digits, apostrophes, dashes, strokes; anything else is shown."""


def shared_names(columns: Columns) -> list[Finding]:
    """List the ward names that several constituencies have: by such a name alone nobody knows which is meant."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(columns["ward"]):
        if name:
            rows[name.casefold()].append(row)
    shared = sorted((found for found in rows.values() if len(found) > 1), key=lambda found: (-len(found), found))
    if not shared:
        return []
    every = tuple(row for found in shared for row in found)
    named = ", ".join(f"{columns['ward'][found[0]]} ({len(found)})" for found in shared)
    names = "ward name is" if len(shared) == 1 else "ward names are"
    detail = f"{len(shared)} {names} shared by {len(every)} wards: {named}"
    return [Finding(kind="shared-names", level="note", detail=detail, rows=every)]


def unusual_names(columns: Columns) -> list[Finding]:
    """Find names in a form that the others do not have: in capitals, or with signs that stand in no name."""
    findings = []
    for column in ("ward", "constituency", "county"):
        names = columns[column]
        capital = [row for row, name in enumerate(names) if name.isupper() and len(name) > 3]
        if 0 < len(capital) < len(names) / 2:
            text = f"{column} names in capitals among others that are not"
            findings.append(Finding(kind="unusual-name", level="note", detail=text, rows=tuple(capital)))
        elif capital:
            text = f"{len(capital)} {column} names are in capitals; they are kept so, and compared without"
            findings.append(Finding(kind="names-in-capitals", level="note", detail=text))
        odd = tuple(row for row, name in enumerate(names) if name and not _USUAL.fullmatch(name))
        if odd:
            shown = ", ".join(dict.fromkeys(repr(names[row]) for row in odd))
            text = f"signs in {column} names that usually stand in none: {shown[:200]}"
            findings.append(Finding(kind="unusual-name", level="note", detail=text, rows=odd))
    return findings


def clashes(columns: Columns) -> list[Finding]:
    """Find codes that contradict each other: one constituency under two names, two codes, in two counties."""
    findings = []
    names: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    codes: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, (code, name, county) in enumerate(
        zip(columns["constituency_code"], columns["constituency"], columns["county_code"], strict=True)
    ):
        names[code][f"{plain(name)} in {county}"].append(row)
        if name:
            codes[county, plain(name)][code].append(row)
    for code, found in names.items():
        if len(found) > 1:
            text = f"constituency code {code} stands for {_listed(columns, found.values())}"
            findings.append(_clash("constituency-clash", text, found.values()))
    for found in codes.values():
        if len(found) > 1:
            first = next(iter(found.values()))[0]
            text = f"constituency {columns['constituency'][first]} has the codes {', '.join(sorted(found))}"
            findings.append(_clash("constituency-clash", text, found.values()))
    return findings + _out_of_order(columns)


def _listed(columns: Columns, groups: Iterable[Sequence[int]]) -> str:
    firsts = [rows[0] for rows in groups]
    return " and ".join(f"{columns['constituency'][row]} ({columns['county'][row]})" for row in firsts)


def _clash(kind: str, text: str, groups: Iterable[Sequence[int]]) -> Finding:
    rows = tuple(sorted(row for group in groups for row in group))
    return Finding(kind=kind, level="warning", detail=text, rows=rows)


def _out_of_order(columns: Columns) -> list[Finding]:
    """Find wards whose code lies in another constituency's run, in a file whose codes ascend with constituencies."""
    order = sorted(range(len(columns["ward"])), key=lambda row: columns["ward_code"][row])
    runs = [columns["constituency_code"][row] for row in order]
    odd = [
        order[n]
        for n in range(1, len(order) - 1)
        if runs[n - 1] == runs[n + 1] != runs[n]  # alone in the midst of another's
    ]
    if not odd or len(odd) > (1.0 - ORDERLY) * len(order):
        return []
    return [
        Finding(
            kind="code-out-of-order",
            level="warning",
            detail=f"code {columns['ward_code'][row]} lies among those of another constituency than "
            f"{columns['constituency'][row]} ({columns['constituency_code'][row]})",
            rows=(row,),
        )
        for row in odd
    ]


def among_strangers(columns: Columns, near: Neighbours) -> list[Finding]:
    """Find wards whose county, or constituency, none of their neighbours has: the label may be another's."""
    findings = []
    sizes = {column: Counter(columns[f"{column}_code"]) for column in ("county", "constituency")}
    for row, others in enumerate(near):
        for column, size in sizes.items():
            code = columns[f"{column}_code"]
            if len(others) < 2 or size[code[row]] < 2 or any(code[other] == code[row] for other in others):
                continue
            most, n = Counter(columns[column][other] for other in others).most_common(1)[0]
            detail = f"in {columns[column][row]}, as none of its {len(others)} neighbours; {n} of them are in {most}"
            findings.append(Finding(kind=f"{column}-among-strangers", level="warning", detail=detail, rows=(row,)))
            break
    return findings


def scattered(columns: Columns, near: Neighbours) -> list[Finding]:
    """Find constituencies whose wards do not hang together."""
    groups: dict[str, set[int]] = defaultdict(set)
    for row, code in enumerate(columns["constituency_code"]):
        groups[code].add(row)
    findings = []
    for rows in groups.values():
        pieces = _pieces(rows, near)
        if len(pieces) > 1:
            apart = tuple(sorted(row for piece in pieces[1:] for row in piece))
            name, county = columns["constituency"][apart[0]], columns["county"][apart[0]]
            detail = f"{name}, {county}, is in {len(pieces)} pieces that do not touch; these wards lie apart"
            findings.append(Finding(kind="constituency-in-pieces", level="warning", detail=detail, rows=apart))
    return findings


def _pieces(rows: set[int], near: Neighbours) -> list[set[int]]:
    """Part rows into those that hang together, the most first."""
    left, pieces = set(rows), []
    while left:
        piece, edge = set(), {min(left)}
        while edge:
            piece |= edge
            edge = {other for row in edge for other in near[row] if other in rows} - piece
        left -= piece
        pieces.append(piece)
    return sorted(pieces, key=lambda piece: (-len(piece), min(piece)))


def counts(columns: Columns) -> list[Finding]:
    """Hold the number of wards of each county against that of 2012, in a file that has all counties."""
    here = Counter(columns["county_code"])
    if not here.keys() >= COUNTIES.keys():
        return []
    findings = []
    for code, expected in WARDS_2012.items():
        if here[code] != expected:
            rows = tuple(row for row, each in enumerate(columns["county_code"]) if each == code)
            detail = f"{COUNTIES[code]} has {here[code]} wards here, {expected} in the delimitation of 2012"
            findings.append(Finding(kind="ward-count", level="warning", detail=detail, rows=rows))
    if strange := tuple(row for row, code in enumerate(columns["county_code"]) if code not in COUNTIES):
        findings.append(
            Finding(kind="ward-count", level="warning", detail="in no county of the constitution", rows=strange)
        )
    return findings

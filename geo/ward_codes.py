"""Codes of wards beside the one in their path: each under the scheme it belongs to, for none of them is a safe key.

The wards of 1,450 were numbered in 2012; the register of 2022 numbers some of them otherwise; OCHA has P-codes of its
own. `geo.boundaries` reads what columns a boundary file has of them, a code table adds others by constituency and name;
`geo.wards` finds a ward by scheme and code.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from geo.labels import CODE_COLUMNS, Finding, plain, recognise, text_of
from geo.places import Rejected

SCHEMES: Final[Mapping[str, str]] = {"iebc-2012": "code_2012", "iebc-2022": "code_2022", "ocha-pcode": "pcode"}
"""Every scheme and our column for it."""
MAX_TABLE_BYTES: Final = 16 << 20

Codes = Mapping[str, tuple[str, ...]]
"""By scheme, one code a row; "" where a ward has none. Only schemes of which there is any code."""


def codes_of(labels: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Take the codes out of the columns of a file, each written as its scheme writes it."""
    found = {
        scheme: tuple(written(scheme, code) for code in labels[column])
        for scheme, column in SCHEMES.items()
        if column in labels
    }
    return {scheme: codes for scheme, codes in found.items() if any(codes)}


def written(scheme: str, code: str) -> str:
    """Write a code as its scheme does: four digits, or capital letters and digits."""
    code = code.strip().upper()
    return code.zfill(4) if scheme.startswith("iebc") and re.fullmatch(r"[0-9]{1,4}", code) else code


def read_table(path: Path) -> list[dict[str, str]]:
    """Read a code table: CSV with ward, constituency and codes by scheme; its `ward_code` is taken as of 2012.

    Rejected `codes-unreadable`, `boundaries-unknown-column` or `boundaries-no-names`.
    """
    try:
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise Rejected("codes-unreadable", f"{path.name} is larger than {MAX_TABLE_BYTES >> 20} MB")
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            fields = recognise([field for field in reader.fieldnames or () if field])
            rows = [{ours: text_of(row.get(theirs)) for ours, theirs in fields.items()} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise Rejected("codes-unreadable", f"{path.name}: {fault}") from fault
    if "code_2012" not in fields and "ward_code" in fields:
        rows = [{**row, "code_2012": row["ward_code"]} for row in rows]
        fields["code_2012"] = fields["ward_code"]
    if "constituency" not in fields or not fields.keys() & CODE_COLUMNS.keys():
        raise Rejected("codes-unreadable", f"{path.name} needs columns ward, constituency and codes: {list(fields)}")
    return rows


def joined(
    columns: Mapping[str, Sequence[str]], codes: Codes, table: Sequence[Mapping[str, str]]
) -> tuple[dict[str, tuple[str, ...]], list[Finding]]:
    """Add a table's codes to the wards of the same constituency and name; give all codes and what did not fit.

    `columns` are a boundary file's settled labels. A code that the file has itself is kept where the two disagree.
    """
    n = len(columns["ward"])
    rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in range(n):
        rows[plain(columns["constituency"][row]), plain(columns["ward"][row])].append(row)
    added = {scheme: list(codes.get(scheme, ("",) * n)) for scheme in SCHEMES}
    met: set[int] = set()
    strange, disagreeing = [], []
    for entry in table:
        found = rows.get((plain(entry["constituency"]), plain(entry["ward"])), [])
        if len(found) != 1:
            strange.append(f"{entry['ward']}, {entry['constituency']}")
            continue
        row = found[0]
        met.add(row)
        for scheme, column in SCHEMES.items():
            code = written(scheme, entry.get(column, ""))
            if code and added[scheme][row] not in ("", code):
                disagreeing.append(row)
            added[scheme][row] = added[scheme][row] or code
    findings = []
    if strange:
        each = "row of the code table is" if len(strange) == 1 else "rows of the code table are"
        text = f"{len(strange)} {each} no one ward here: {'; '.join(strange[:5])}"
        findings.append(Finding(kind="codes-unmatched", level="warning", detail=text))
    if alone := tuple(row for row in range(n) if row not in met):
        text = f"{len(alone)} {'ward is' if len(alone) == 1 else 'wards are'} not in the code table"
        findings.append(Finding(kind="codes-unmatched", level="warning", detail=text, rows=alone))
    if disagreeing:
        text = "the code table has another code than the file; the file's was kept"
        findings.append(Finding(kind="codes-disagree", level="warning", detail=text, rows=tuple(disagreeing)))
    return {scheme: tuple(values) for scheme, values in added.items() if any(values)}, findings


def doubts(columns: Mapping[str, Sequence[str]], codes: Codes) -> list[Finding]:
    """Say which codes name two wards or none, and which two schemes give to different wards."""
    findings = []
    names = [f"{code} {ward}" for code, ward in zip(columns["ward_code"], columns["ward"], strict=True)]
    for scheme, values in codes.items():
        rows = _rows(values)
        for code, same in rows.items():
            if len(same) > 1:
                text = f"{scheme} {code} is the code of {len(same)} wards"
                findings.append(Finding(kind="code-clash", level="warning", detail=text, rows=tuple(same)))
        if none := tuple(row for row, code in enumerate(values) if not code):
            text = f"{len(none)} {'ward has' if len(none) == 1 else 'wards have'} no code in {scheme}"
            findings.append(Finding(kind="code-missing", level="note", detail=text, rows=none))
    if "iebc-2012" in codes and "iebc-2022" in codes:
        findings += _exchanged(names, codes["iebc-2012"], codes["iebc-2022"])
    own = columns["ward_code"]
    first = codes.get("iebc-2012", ())
    other = tuple(row for row, code in enumerate(first) if code and code != own[row])
    if other:
        each = "ward has a path with another number than iebc-2012 gives it"
        many = "wards have a path with another number than iebc-2012 gives them"
        text = f"{len(other)} {each if len(other) == 1 else many}"
        findings.append(Finding(kind="code-differs", level="note", detail=text, rows=other))
    return findings


def _exchanged(names: Sequence[str], before: Sequence[str], after: Sequence[str]) -> list[Finding]:
    """Tell apart the wards that exchanged codes, those that only took another's, and those that have none any more."""
    had, has = _rows(before), _rows(after)
    changed = [row for row, (a, b) in enumerate(zip(before, after, strict=True)) if a and b and a != b]
    both = [row for row in changed if after[row] in had and before[row] in has]
    findings = []
    if both:
        detail = (
            f"{len(both)} wards exchanged codes between iebc-2012 and iebc-2022, so neither names a ward by itself: "
            + "; ".join(f"{names[row]} is {after[row]} in 2022" for row in both[:3])
            + (" ..." if len(both) > 3 else "")
        )
        findings.append(Finding(kind="codes-exchanged", level="warning", detail=detail, rows=tuple(both)))
    for row in changed:
        if row not in both:
            whose = ", ".join(names[other] for other in had.get(after[row], ()) if other != row)
            whose = whose and f", which was the code of {whose}"
            detail = f"{before[row]} in 2012, {after[row]} in 2022{whose}"
            findings.append(Finding(kind="code-changed", level="note", detail=detail, rows=(row,)))
    for row, (a, b) in enumerate(zip(before, after, strict=True)):
        if a and not b:
            whose = ", ".join(names[other] for other in has.get(a, ()))
            detail = f"{a} in 2012, without counterpart in 2022" + (f", where {a} is {whose}" if whose else "")
            findings.append(Finding(kind="code-without-counterpart", level="warning", detail=detail, rows=(row,)))
    return findings


def _rows(codes: Sequence[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = defaultdict(list)
    for row, code in enumerate(codes):
        if code:
            rows[code].append(row)
    return rows

"""Writing and reading CAP, and how soon what would harm a reader is refused, beside lxml left as it comes."""

from datetime import datetime, timedelta
from typing import Final

from lxml import etree

from alerts.cap import EAT, WARD_SCHEME, Alert, Area, Info, Named
from alerts.cap_reading import read
from alerts.cap_xml import write
from bench.table import Row, best_of, print_table
from geo.places import Rejected

SENT: Final = datetime(2026, 4, 26, 15, 0, tzinfo=EAT)
RING: Final = tuple((round(34.0 + n / 997, 6), round(-0.5 + (n % 499) / 998, 6)) for n in range(1_000))
ALERT: Final = Alert(
    identifier="urn:uuid:0190f5a2-0000-7000-8000-000000000001",
    sender="warnings@kisumu.example.ke",
    sent=SENT,
    status="Actual",
    msg_type="Alert",
    scope="Public",
    infos=tuple(
        Info(
            language=language,
            categories=("Met",),
            event="Flood",
            response_types=("Evacuate",),
            urgency="Expected",
            severity="Severe",
            certainty="Likely",
            expires=SENT + timedelta(hours=6),
            areas=(Area(description="Ahero", polygons=((*RING, RING[0]),), geocodes=(Named(WARD_SCHEME, "KE.042"),)),),
        )
        for language in ("en-KE", "sw-KE", "luo-KE", "guz-KE")
    ),
)
LAUGHS: Final = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS: Final = {
    "billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><a>&l9;</a>'.encode(),
    "quadratic entity": f'<!DOCTYPE a [<!ENTITY x "{"A" * 50_000}">]><a>{"&x;" * 50_000}</a>'.encode(),
    "external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
    "a million open elements": b"<a>" * 1_000_000,
}


def run(rounds: int = 5) -> list[Row]:
    """Measure one large alert (four languages, 4,000 positions) both ways, and each bomb."""
    data = write(ALERT)
    assert read(data).alert == ALERT
    writing, reading, parsing = best_of(
        rounds, lambda: write(ALERT), lambda: read(data), lambda: etree.fromstring(data)
    )
    kilobytes = len(data) / 1024
    rows = [
        Row(what="CAP written and checked", ours=f"{writing * 1e3:.1f} ms", note=f"4 languages, {kilobytes:.0f} KiB"),
        Row(
            what="CAP read leniently",
            ours=f"{reading * 1e3:.1f} ms",
            peer=f"{parsing * 1e3:.1f} ms",
            ratio=parsing / reading,
            note="peer: lxml parsing alone, nothing understood",
        ),
    ]
    for name, bomb in BOMBS.items():
        (spent,) = best_of(rounds, lambda bomb=bomb: _refused(bomb))  # type: ignore[misc]  # a default binds the loop's bomb
        rows.append(Row(what=f"refused: {name}", ours=f"{spent * 1e3:.2f} ms", reach="< 100 ms", met=spent < 0.1))
    return rows


def _refused(data: bytes) -> None:
    try:
        read(data)
    except Rejected:
        return
    raise AssertionError("it was read")


if __name__ == "__main__":
    print_table(run())

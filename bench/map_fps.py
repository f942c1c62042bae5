"""The console's map under the load it is made for, without a graphics card: pictures a second, and from click to paint.

All wards of the country, 20,000 reports and 2,000 responders who each move every second and a half, at 1080p, while the
map is dragged and zoomed with a mouse. Pictures are those that Chromium's own trace says it has put on the screen. The
page is `map_page/`: the console's map, store and theme as they are, fed with documents from a seed.
"""

import http.server
import itertools
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

import fixtures
from bench.chromium import SOFTWARE, SWIFTSHADER, Chromium
from bench.table import Row
from geo.rivers import Rivers
from geo.wards import Wards
from responder_api import map_layers, reference_data

ROOT: Final = Path(__file__).parents[1]
REAL_WARDS: Final = ROOT.parent / "shared" / "data" / "kenya_wards.fgb"
WIDTH, HEIGHT = 1920, 1080
REACH_FPS: Final = 30.0
CATEGORIES: Final = "devtools.timeline,disabled-by-default-devtools.timeline.frame,viz,benchmark"
SHOWN: Final = "Display::DrawAndSwap"
"""The trace's event for a picture that was put on the screen."""


def run(seconds: float = 8.0) -> list[Row]:
    """Measure both ways of drawing without a graphics card."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None or shutil.which("npx") is None:
        return [Row(what="map", ours="", note="skipped: needs Chromium and Node")]
    wards = Wards.load(REAL_WARDS if REAL_WARDS.exists() else fixtures.path("demo/wards.geojson"))
    with _served(wards) as address:
        rows = _measured(program, SOFTWARE, "composed by processor", address, seconds, len(wards))
        return rows + _measured(program, SWIFTSHADER, "composed by SwiftShader", address, seconds, len(wards))


def _measured(program: str, flags: tuple[str, ...], how: str, address: str, seconds: float, wards: int) -> list[Row]:
    rows = []
    with Chromium(program, flags, WIDTH, HEIGHT) as page:
        for area, where in (("KE", "country"), ("KE.042", "county")):
            _open(page, f"{address}/index.html?area={area}")
            for name, move in (("pan", _drag), ("zoom", _wheel)):
                events = page.trace(partial(move, page, seconds), CATEGORIES)
                at = sorted(event["ts"] for event in events if event["name"] == SHOWN)
                rows.append(_row(f"map, {where}, {name}, {how}", at, wards))
        rows.append(_clicks(page, how))
    return rows


def _row(what: str, at_us: list[int], wards: int) -> Row:
    """Sum up when pictures were shown: their rate from the first to the last one, and the time between two."""
    gaps_us = [after - before for before, after in itertools.pairwise(at_us)]
    if len(gaps_us) < 2:
        return Row(what=what, ours="no picture", met=False)
    fps = 1e6 * len(gaps_us) / sum(gaps_us)
    median, slow = statistics.median(gaps_us) / 1000, statistics.quantiles(gaps_us, n=20)[-1] / 1000
    return Row(
        what=what,
        ours=f"{fps:.0f} /s",
        reach=f">= {REACH_FPS:.0f} /s",
        met=fps >= REACH_FPS,
        note=f"between pictures p50 {median:.0f} ms, p95 {slow:.0f} ms; {wards} wards; load {os.getloadavg()[0]:.1f}",
    )


def _open(page: Chromium, url: str) -> None:
    """Open the page and wait until its ground has come and the machine is done with it."""
    page.do("Page.navigate", url=url)
    deadline = time.monotonic() + 120
    while not page.js("globalThis.bench?.settled?.() ?? false"):
        if time.monotonic() > deadline:
            raise RuntimeError("the map did not open")
        time.sleep(0.2)


def _drag(page: Chromium, seconds: float) -> None:
    """Drag the map to and fro, a stroke of two thirds of a second each, sixty moves a second."""
    end = time.monotonic() + seconds
    for stroke in itertools.count():
        if time.monotonic() > end:
            return
        x, y = WIDTH / 2, HEIGHT / 2
        page.mouse("mousePressed", x, y, button="left", clickCount=1)
        across, down = ((9, 4), (-9, -4), (6, -6), (-6, 6))[stroke % 4]
        for _ in range(40):
            before = time.monotonic()
            x, y = x + across, y + down
            page.mouse("mouseMoved", x, y, button="left", buttons=1)
            time.sleep(max(0.0, 1 / 60 - (time.monotonic() - before)))
        page.mouse("mouseReleased", x, y, button="left", clickCount=1)


def _wheel(page: Chromium, seconds: float) -> None:
    """Turn the wheel ten notches in and ten out, eight a second."""
    end = time.monotonic() + seconds
    for notch in itertools.count():
        if time.monotonic() > end:
            return
        page.mouse("mouseWheel", WIDTH / 2, HEIGHT / 2, deltaX=0, deltaY=-120 if notch // 10 % 2 == 0 else 120)
        time.sleep(0.125)


def _clicks(page: Chromium, how: str) -> Row:
    """Pick an incident and let it go again; how long each click took to show, by the browser's own event timing."""
    page.js("bench.map.show({kind: 'incident', id: 'incident-0'}); bench.timed.length = 0; 1")
    time.sleep(3)
    for n in range(40):
        x, y = (WIDTH / 2, HEIGHT / 2) if n % 2 == 0 else (WIDTH / 2 + 333, HEIGHT / 2 - 217)
        page.mouse("mousePressed", x, y, button="left", clickCount=1)
        page.mouse("mouseReleased", x, y, button="left", clickCount=1)
        time.sleep(0.35)
    took = sorted(page.js("bench.timed"))
    # The browser tells of clicks that took 16 ms or longer; the others took less.
    took = [16.0] * (40 - len(took)) + took
    return Row(
        what=f"map, click to paint, {how}",
        ours=f"{statistics.median(took):.0f} ms",
        note=f"p95 {took[int(0.95 * len(took))]:.0f} ms of 40 clicks while units move; load {os.getloadavg()[0]:.1f}",
    )


@contextmanager
def _served(wards: Wards) -> Iterator[str]:
    """Build the page and serve it with the answers that the real server would give; give the address."""
    with tempfile.TemporaryDirectory(prefix="map-page-") as folder:
        build = ["npx", "vite", "build", "--config", "bench/map_page/vite.config.ts", "--logLevel", "error"]
        subprocess.run(build, cwd=ROOT, check=True, env={**os.environ, "MAP_PAGE_OUT": folder})
        handler = partial(_Handler, _answers(wards), directory=folder)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()


def _answers(wards: Wards) -> dict[str, bytes]:
    rivers = Rivers.load(fixtures.path("demo/rivers.json"))
    stations = reference_data.load_stations(fixtures.path("demo/gauges.json"), rivers)
    levels = {f"/map/base?level={level}": json.dumps(map_layers.base(wards, level)).encode() for level in (1, 2, 3)}
    return levels | {
        "/map/rivers": json.dumps(map_layers.rivers_to_draw(rivers)).encode(),
        "/stations": msgspec.json.encode({"items": [stations[id_] for id_ in sorted(stations)]}),
        "/map/config": b'{"basemap": false}',
    }


class _Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, answers: dict[str, bytes], *arguments: object, directory: str) -> None:
        self._answers = answers
        super().__init__(*arguments, directory=directory)  # type: ignore[arg-type]  # handed on as they come

    def log_message(self, *_: object) -> None:
        """Say nothing: the table says what counts."""

    def do_GET(self) -> None:
        """Answer what the server would, else the built page's files."""
        body = self._answers.get(urllib.parse.unquote(self.path))
        if body is None:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    from bench.table import print_table

    print_table(run())

"""Drive a real Chromium over its debugging socket: open a page, move a mouse, take a trace. Only what benchmarks need.

There are two ways of drawing without a graphics card, and they are not alike: `SOFTWARE` is what Chromium does by
itself where there is none (it composes pages by processor, and only WebGL goes through SwiftShader); `SWIFTSHADER`
makes it compose the whole page through SwiftShader as well, which tests with WebGL sometimes ask for.
"""

import json
import shutil
import subprocess
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Self

from websockets.sync.client import connect

SOFTWARE: Final = ("--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
SWIFTSHADER: Final = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
_QUIET: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)


class Chromium:
    """One browser with one page; leave the `with` block to end it."""

    def __init__(self, program: str, flags: Sequence[str], width: int, height: int) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="chromium-"))
        arguments = [program, *_QUIET, *flags, f"--window-size={width},{height}", f"--user-data-dir={self._home}"]
        self._process = subprocess.Popen([*arguments, "about:blank"], stderr=subprocess.PIPE, text=True)
        address = self._address()
        with urllib.request.urlopen(f"http://{address}/json/list") as answer:
            page = next(each for each in json.load(answer) if each["type"] == "page")
        self._socket = connect(page["webSocketDebuggerUrl"], max_size=None)
        self._asked = 0
        self._events: list[dict[str, Any]] = []
        self.do("Page.enable")
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    def _address(self) -> str:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if "DevTools listening on ws://" in line:
                threading.Thread(target=self._process.stderr.read, daemon=True).start()
                return line.split("ws://")[1].split("/")[0]
        raise RuntimeError("Chromium ended before it listened")

    def send(self, method: str, **params: Any) -> int:
        """Ask without waiting for the answer; give the number it will carry."""
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": params}))
        return self._asked

    def do(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask and wait for the answer; RuntimeError with what Chromium says against it."""
        number = self.send(method, **params)
        while True:
            message: dict[str, Any] = json.loads(self._socket.recv(timeout=120))
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                result: dict[str, Any] = message["result"]
                return result
            if "method" in message:
                self._events.append(message)

    def until(self, method: str) -> dict[str, Any]:
        """Wait for an event; give what it says."""
        while True:
            for event in self._events:
                if event["method"] == method:
                    self._events.remove(event)
                    params: dict[str, Any] = event["params"]
                    return params
            message = json.loads(self._socket.recv(timeout=120))
            if "method" in message:
                self._events.append(message)

    def js(self, code: str) -> Any:
        """Evaluate code in the page, wait for its promise, give its value."""
        answer = self.do("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"])[:800])
        return answer["result"].get("value")

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        """Send one event of a mouse: mouseMoved, mousePressed, mouseReleased, mouseWheel."""
        self.do("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def trace(self, run: Callable[[], None], categories: str) -> list[dict[str, Any]]:
        """Run something under a trace of these categories; give the trace's events."""
        self.do(
            "Tracing.start", transferMode="ReturnAsStream", traceConfig={"includedCategories": categories.split(",")}
        )
        run()
        self.send("Tracing.end")
        stream = self.until("Tracing.tracingComplete")["stream"]
        parts: list[str] = []
        while True:
            part = self.do("IO.read", handle=stream, size=1 << 22)
            parts.append(part["data"])
            if part["eof"]:
                events: list[dict[str, Any]] = json.loads("".join(parts))["traceEvents"]
                return events

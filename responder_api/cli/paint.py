"""Write for a terminal: colours where they are wanted, and nothing that a stranger's text could do to the screen.

You are at the very end of `watch`. Texts come from citizens' phones: a control character in one of them must not move
the cursor, clear the screen or turn the reading direction, so every value passes `clean` before it is put into a line.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final, TextIO

Paint = Callable[[str, str], str]
"""Paints a text in a style (a name of STYLES); gives it back as it is where colours are not wanted."""

STYLES: Final = {
    "Extreme": "1;97;41",
    "Severe": "1;31",
    "Moderate": "33",
    "Minor": "36",
    "Unknown": "2",
    "incident": "1;35",
    "assignment": "1;34",
    "alert": "1;33",
    "kind": "1",
    "good": "32",
    "bad": "31",
    "wait": "33",
    "dim": "2",
    "strong": "1",
}


def plain(_style: str, text: str) -> str:
    """Give a text as it is."""
    return text


def colour(style: str, text: str) -> str:
    """Give a text in a style's colours (ECMA-48, SGR)."""
    code = STYLES.get(style)
    return f"\x1b[{code}m{text}\x1b[0m" if code and text else text


def painter(stream: TextIO, environ: Mapping[str, str]) -> Paint:
    """Choose by where the text goes: a terminal that can, and nobody who asked for none (NO_COLOR)."""
    return colour if is_screen(stream, environ) and not environ.get("NO_COLOR") else plain


def is_screen(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether a stream is a terminal that understands control sequences."""
    return stream.isatty() and environ.get("TERM", "") not in ("", "dumb")


def clean(value: Any) -> Any:
    """Give a JSON value whose texts can be shown: what does not print becomes a space."""
    if isinstance(value, str):
        return value if value.isprintable() else "".join(ch if ch.isprintable() else " " for ch in value)
    if isinstance(value, dict):
        return {name: clean(part) for name, part in value.items()}
    if isinstance(value, list):
        return [clean(part) for part in value]
    return value


class Screen:
    """Where lines go: data to one stream, notes to another, and below them, on a terminal, one line that is redrawn."""

    def __init__(self, out: TextIO, notes: TextIO, environ: Mapping[str, str]) -> None:
        self._out, self._notes = out, notes
        self.paint = painter(out, environ)
        self._paint_notes = painter(notes, environ)
        self.redraws = is_screen(out, environ)
        """Whether there is a bottom line."""
        self._status = ""
        for stream in (out, notes):
            if hasattr(stream, "reconfigure"):
                # A terminal of another alphabet shows a question mark; it does not end the watch.
                stream.reconfigure(errors="replace")

    def line(self, text: str) -> None:
        """Write one line of data; it has left this process when this returns."""
        self._write(self._out, text)

    def note(self, text: str) -> None:
        """Write one line about how things go."""
        self._write(self._notes, self._paint_notes("dim", f"-- {clean(text)}"))

    def status(self, text: str, width: int) -> None:
        """Redraw the line at the bottom, cut to the screen; nothing where there is none."""
        text = clean(text)[: max(0, width - 1)]
        if not self.redraws or text == self._status:
            return
        self._status = text
        self._out.write("\r\x1b[K" + self.paint("dim", text))
        self._out.flush()

    def end(self) -> None:
        """Leave the bottom line empty."""
        self._erase()

    def _write(self, stream: TextIO, text: str) -> None:
        self._erase()
        stream.write(text + "\n")
        stream.flush()

    def _erase(self) -> None:
        if self._status:
            self._status = ""
            self._out.write("\r\x1b[K")
            self._out.flush()


def tell(text: str) -> None:
    """Write one line to whoever ran the command, beside its output."""
    sys.stderr.write(f"{clean(text)}\n")
    sys.stderr.flush()

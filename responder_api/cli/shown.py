"""Put what comes on the line before whoever watches: frames as they are, or one line a change.

You are where `follow` hands over each frame with what it means. After that the place in the feed is kept, where a file
was named for it. Next: the screen.
"""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from responder_api.cli.client import Server
from responder_api.cli.feed import Change, Feed, News, Picture, Resumed, Resync
from responder_api.cli.follow import server_now
from responder_api.cli.paint import Screen
from responder_api.cli.sessions import write_private
from responder_api.cli.wording import is_open, line
from responder_api.cli.words import View, count, newest, span

REDRAW_S: Final = 0.2

WHY: Final = {
    "fresh": "the picture as it is now:",
    "epoch-changed": "resync: the server's data was restored or replaced; what differs now:",
    "too-old": "resync: too much was missed to tell it one by one; what differs now:",
    "scope-changed": "resync: what may be seen, or was asked for, is not what it was; what differs now:",
}


class Bookmark(msgspec.Struct, frozen=True, kw_only=True):
    """How far a watch has come: whose feed, where in it, and through which eyes."""

    server: str
    position: str
    view: str | None


class Frames:
    """Frames as they are."""

    def __init__(self, server: Server, feed: Feed, screen: Screen, position_file: Path | None) -> None:
        self._path = position_file
        self._kept = feed.position
        self.server, self.feed, self.screen = server, feed, screen

    def frame(self, text: str, frame: dict[str, Any], news: list[News]) -> None:
        """Print a frame, then keep the position: a crash between the two repeats, it does not lose."""
        self.show(text, frame, news)
        for each in news:
            if isinstance(each, Resumed):
                self.note(f"resumed exactly at {each.position}: {_missed(each.behind)}")
        if self._path is not None and self.feed.position is not None and self.feed.position != self._kept:
            self._kept = self.feed.position
            mark = Bookmark(server=self.server.url, position=self.feed.position, view=self.feed.view)
            write_private(self._path, msgspec.json.encode(mark) + b"\n")

    def note(self, text: str) -> None:
        """Say how the line is."""
        self.screen.note(text)

    def tick(self) -> None:
        """Have nothing that counts."""

    def show(self, text: str, frame: dict[str, Any], news: list[News]) -> None:  # noqa: ARG002  read by `Lines`
        """Print a frame."""
        for each in news:
            if isinstance(each, Resync):
                self.note(WHY.get(each.reason, each.reason).partition(";")[0].rstrip(":"))
        self.screen.line(text)


class Lines(Frames):
    """One line a change, and at the bottom of a terminal what is open and whose answer is due when."""

    _drawn = float("-inf")

    def show(self, text: str, frame: dict[str, Any], news: list[News]) -> None:  # noqa: ARG002  read by `Frames`
        """Print what a frame means."""
        if frame.get("type") == "welcome":
            self.note(f"live at {self.server.url}")
        for each in news:
            if isinstance(each, Resync):
                self.note(WHY.get(each.reason, f"resync: {each.reason}"))
            elif isinstance(each, Picture):
                self._picture(each)
            elif isinstance(each, Change):
                self._change(each)

    def tick(self) -> None:
        """Let the deadline count down."""
        # Looking through everything that stands after each of two hundred frames a second would cost more than they do.
        if self.screen.redraws and time.monotonic() - self._drawn >= REDRAW_S:
            self._drawn = time.monotonic()
            self.screen.status(self.standing(), shutil.get_terminal_size().columns)

    def _picture(self, picture: Picture) -> None:
        changes = picture.changes
        if picture.first:
            changes = [each for each in changes if each.after is not None and is_open(each.kind, each.after)]
        for change in sorted(changes, key=lambda each: newest(each.after or {})):
            self._change(change)
        rest = picture.documents - len(changes)
        self.note(f"{len(changes)} {'open' if picture.first else 'changed'}, {rest} more known")

    def _change(self, change: Change) -> None:
        self.screen.line(line(change, View(now=self._now(), paint=self.screen.paint)))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(server_now(self.server), UTC)

    def _hears(self, kind: str) -> bool:
        return self.feed.kinds is None or kind in self.feed.kinds

    def standing(self) -> str:
        """Say what is open, and whose answer is due next, of the kinds that were asked for."""
        standing = self.feed.documents
        asks = [v for (kind, _), v in standing.items() if kind == "assignment" and v.get("state") == "offered"]
        parts = []
        if self.feed.whole and self._hears("incident"):
            incidents = sum(kind == "incident" and v.get("state") == "open" for (kind, _), v in standing.items())
            parts.append(f"{count(incidents, 'incident')} open")
        if self.feed.whole and self._hears("assignment"):
            parts.append(f"{len(asks)} asked and not answered")
        due = min(asks, key=lambda ask: str(ask.get("deadline")), default=None)
        if due is not None and due.get("deadline"):
            left = datetime.fromisoformat(due["deadline"]) - self._now()
            parts.append(f"next answer due in {span(left)} ({due.get('code')} {due.get('responder_name')})")
        return "  " + " · ".join(parts) if parts else ""


def _missed(behind: int) -> str:
    if not behind:
        return "nothing was missed"
    return f"the feed went on by {behind}, what of it is yours follows"

"""What an incident adds up to, so that a report can be added and taken away again. Part of `incidents`.

Nothing here grows with the number of reports: how many there are of each severity, how many senders of each kind and by
each channel, how many words that smell of a hoax. What one sender said is an item of its own, so that two reports of
one sender are one voice, and one voice still when one of the two is taken away. Adding and taking are each other's
undoing, in any order.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

import msgspec

from alerts import evidence
from alerts.plans import SEVERITIES
from streams.events import Hazard, Severity
from streams.state import State

K = TypeVar("K", bound=str)


class Joined(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A report that is part of an incident, and what it adds to it."""

    incident: str
    sender: str
    channel: str
    kind: str
    severity: Severity
    hazard: Hazard
    ward: str
    lon: float
    lat: float
    at: datetime
    spread_m: float = 0.0
    hoaxes: int = 0
    observers: tuple[str, ...] = ()
    text: str = ""
    by_hand: bool = False
    """An operator said that it belongs there: where it is says nothing of where the incident is."""
    page: int = 0

    @property
    def rank(self) -> tuple[bool, bool]:
        """How little its position says of where the incident is; a position that was pointed at says most."""
        return self.by_hand, self.spread_m > 0


class Figures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the reports of an incident add up to. A sender counts once, as their best voice; no count is ever zero."""

    reports: int = 0
    severities: dict[Severity, int] = {}
    kinds: dict[str, int] = {}
    channels: dict[str, int] = {}
    hoaxes: int = 0

    @property
    def severity(self) -> Severity:
        """The gravest of all reports."""
        return max(self.severities, key=SEVERITIES.index, default="Unknown")


class Voices(msgspec.Struct, frozen=True, omit_defaults=True):
    """How often one sender spoke of one incident, by `kind/channel`."""

    said: dict[str, int] = {}


def added(state: State, incident: str, figures: Figures, report: Joined) -> Figures:
    """Add a report to the figures of an incident."""
    return _counted(state, incident, figures, report, 1)


def taken(state: State, incident: str, figures: Figures, report: Joined) -> Figures:
    """Take a report, which was added before, out of the figures of an incident."""
    return _counted(state, incident, figures, report, -1)


def _counted(state: State, incident: str, figures: Figures, report: Joined, by: int) -> Figures:
    item = f"sender/{incident}/{report.sender}"
    before = (state.get(item, Voices) or Voices()).said
    after = _more(before, f"{report.kind}/{report.channel}", by)
    if after:
        state.put(item, Voices(after))
    else:
        state.drop(item)
    kinds, channels = figures.kinds, figures.channels
    for said, times in ((before, -1), (after, 1)):
        if said:
            kind, channel = _voice(said)
            kinds, channels = _more(kinds, kind, times), _more(channels, channel, times)
    return Figures(
        reports=figures.reports + by,
        severities=_more(figures.severities, report.severity, by),
        kinds=kinds,
        channels=channels,
        hoaxes=figures.hoaxes + by * report.hoaxes,
    )


def _voice(said: Mapping[str, int]) -> tuple[str, str]:
    """Give the kind and channel that a sender counts as: the most trusted kind; whatever came first is the same."""
    voices = ((kind, channel) for kind, _, channel in (name.partition("/") for name in said))
    return min(voices, key=lambda voice: (-evidence.trust_in(voice[0]), *voice))


def _more(counts: dict[K, int], name: K, by: int) -> dict[K, int]:
    left = counts.get(name, 0) + by
    others = {each: count for each, count in counts.items() if each != name}
    return {**others, name: left} if left else others

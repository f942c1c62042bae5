"""Say each thing that `dharura send` can: post what a route takes, and put its answer into one line.

You are between the command line (`send`) and the door. Whatever can be sent twice by accident carries a key, so that
the second time writes nothing new. Each function gives the answer and a line for people; refusals are raised.
"""

import argparse
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from urllib.parse import quote
from uuid import uuid4

from responder_api.cli.client import Server, Signed
from responder_api.cli.find import BEFORE, assignment_of, by_any_number, by_number, responder_of
from responder_api.cli.paint import clean, tell
from responder_api.cli.trouble import Problem, Trouble
from responder_api.cli.wording import desk, sentence
from responder_api.cli.words import View, number_of

BECOMES: Final = {"accept": "accepted", "decline": "declined"}
"""The state an assignment is in once an answer was taken; the other answers are states themselves."""


class Said(NamedTuple):
    """What came back: the answer, a line for people, and whether what was meant has happened."""

    answer: Any
    line: str
    done: bool = True


class Speaker:
    """Whoever says something: signed in, or with the key that gateways and sensors show, or nobody in particular."""

    def __init__(self, server: Server, who: Signed | None, intake_key: str | None) -> None:
        self.server = server
        self._who = who
        self._intake_key = intake_key

    @property
    def who(self) -> Signed:
        """Who is signed in; Trouble when nobody is."""
        if self._who is None:
            raise Trouble("Who are you? Give --as NAME with --password-file, or sign in once with dharura login NAME.")
        return self._who

    @property
    def somebody(self) -> bool:
        """Whether anybody is signed in."""
        return self._who is not None

    def bring(self, path: str, **sent: Any) -> Any:
        """Post to the intake."""
        if self._intake_key is not None or self._who is None:
            return self.server.ask("POST", path, token=self._intake_key, **sent)
        return self._who.ask("POST", path, **sent)


# --- what comes in -----------------------------------------------------------------------------------------------


def report(by: Speaker, args: argparse.Namespace) -> Said:
    """Report something that somebody saw."""
    body = {
        "text": args.text,
        "channel": args.channel,
        "hazard": args.hazard,
        "lon": args.lon,
        "lat": args.lat,
        "position_of": args.position_of,
        "happened_at": args.happened_at,
        "idempotency_key": args.key or str(uuid4()),
    }
    taken = by.bring("/intake/reports", body={name: value for name, value in body.items() if value is not None})
    return _taken("Report", taken)


def sms(by: Speaker, args: argparse.Namespace) -> Said:
    """Hand over a text message as the gateway does."""
    form = {"id": args.key or f"cli-{uuid4()}", "from": args.sender, "to": args.to, "text": args.text}
    return _taken("Text", by.bring("/intake/sms", form=form))


def reading(by: Speaker, args: argparse.Namespace) -> Said:
    """Send one reading of a station, in the unit and above the datum that the station is known to use."""
    known: dict[str, Any] = {}
    if by.somebody and (args.unit is None or args.datum is None):
        with suppress(Problem):
            known = by.who.ask("GET", f"/gauges/{quote(args.station, safe='')}")
    series = {
        "station": args.station,
        "parameter": args.parameter,
        "unit": args.unit or known.get("unit") or "m",
        "datum": args.datum if args.datum is not None else known.get("datum") or "",
        "times": [args.at or datetime.now(UTC).isoformat()],
        "values": [args.value],
    }
    (taken,) = by.bring("/intake/readings", body={"batch": [series], "idempotency_key": args.key or str(uuid4())})
    if not series["datum"]:
        tell("note: no datum was said (--datum); a station that has one makes it a dead letter that names it")
    said = f"{args.value:g} {series['unit']} at {args.station}"
    return _taken(f"Reading {said}", taken)


def _taken(what: str, taken: dict[str, Any]) -> Said:
    how = "taken, it is on disk" if taken["status"] == "accepted" else "known already, nothing new was written"
    number = f"number {taken['reference']}, " if taken.get("reference") else ""
    return Said(taken, f"{what}: {how} ({number}id {taken['id']})")


# --- what responders and operators do ----------------------------------------------------------------------------


def answer(by: Speaker, args: argparse.Namespace) -> Said:
    """Answer an ask."""
    before = assignment_of(by.who, args.answer, args.assignment, args.code)
    body = {"answer": args.answer, "reason": args.reason, "client_id": args.key or str(uuid4())}
    said = by.who.ask("POST", f"/assignments/{quote(before['id'], safe='')}/answer", body=body)
    after = said.get("assignment") or before
    state, wanted = after.get("state"), BECOMES.get(args.answer, args.answer)
    line = _line("assignment", after)
    if state == wanted:
        return Said(said, line)
    if state == before.get("state") and state in BEFORE[args.answer]:
        return Said(said, f"{line}\nYour {args.answer} is written down; it shows in a moment.")
    return Said(said, f"{line}\nYour {args.answer} came too late or does not fit: the ask is {state}.", done=False)


def shift(by: Speaker, args: argparse.Namespace) -> Said:
    """Go on or off shift."""
    return _about_responder(by, args.responder, "shift", {"on": args.on == "on"})


def position(by: Speaker, args: argparse.Namespace) -> Said:
    """Share a position."""
    return _about_responder(by, args.responder, "position", {"lon": args.lon, "lat": args.lat})


def _about_responder(by: Speaker, responder: str | None, what: str, body: dict[str, Any]) -> Said:
    id_ = responder or responder_of(by.who)
    said = by.who.ask("POST", f"/responders/{quote(id_, safe='')}/{what}", body=body)
    return Said(said, _line("responder", said["responder"]))


def approve(by: Speaker, args: argparse.Namespace) -> Said:
    """Approve a draft."""
    return _about_alert(by, args.alert, "approve")


def passed_on(by: Speaker, args: argparse.Namespace) -> Said:
    """Confirm that a warning was passed on in a ward."""
    return _about_alert(by, args.alert, "passed-on", {"ward": args.ward, "how": args.how})


def _about_alert(by: Speaker, alert: str, what: str, body: dict[str, Any] | None = None) -> Said:
    id_ = by_number(by.who, "/alerts", "alert", alert)["id"]
    said = by.who.ask("POST", f"/alerts/{quote(id_, safe='')}/{what}", body=body)
    return Said(said, _line("alert", said["alert"]))


def place(by: Speaker, args: argparse.Namespace) -> Said:
    """Put a waiting report where it is: at a position, or where one of its candidate wards lies."""
    if (args.candidate is None) == (args.lon is None or args.lat is None):
        raise Trouble("Where is it? Give --candidate N, or --lon and --lat.")
    waiting = by_number(by.who, "/reports", "report", args.report)
    body = {"lon": args.lon, "lat": args.lat} if args.candidate is None else _candidate(waiting, args.candidate)
    said = by.who.ask("POST", f"/reports/{quote(waiting['id'], safe='')}/place", body=body)
    return Said(said, _line("report", said["report"]))


def _candidate(waiting: dict[str, Any], number: int) -> dict[str, Any]:
    found = waiting.get("candidates") or []
    if not 1 <= number <= len(found):
        names = ", ".join(f"{n} {each['name']}" for n, each in enumerate(found, 1)) or "none: give --lon and --lat"
        raise Trouble(f"The report has no candidate {number}; it has {names}.")
    return {name: found[number - 1][name] for name in ("lon", "lat", "ward")}


def dismiss(by: Speaker, args: argparse.Namespace) -> Said:
    """Judge a report no emergency."""
    id_ = by_number(by.who, "/reports", "report", args.report)["id"]
    said = by.who.ask("POST", f"/reports/{quote(id_, safe='')}/dismiss", body={"reason": args.reason})
    return Said(said, _line("report", said["report"]))


def ask_back(by: Speaker, args: argparse.Namespace) -> Said:
    """Ask whoever sent a report."""
    id_ = by_number(by.who, "/reports", "report", args.report)["id"]
    body = {"question": args.question, "client_id": args.key or str(uuid4())}
    said = by.who.ask("POST", f"/reports/{quote(id_, safe='')}/ask", body=body)
    return Said(said, _at_desk("report", said["report"], "asked"))


def claim(by: Speaker, args: argparse.Namespace) -> Said:
    """Say that one works on a report, an incident or an alert."""
    kind, value = by_any_number(by.who, args.item)
    body = {"take_over": args.take_over}
    said = by.who.ask("POST", f"/{kind}s/{quote(value['id'], safe='')}/claim", body=body)
    return Said(said, _at_desk(kind, said[kind], "claim"))


def release(by: Speaker, args: argparse.Namespace) -> Said:
    """Say that one does not work on it any more."""
    kind, value = by_any_number(by.who, args.item)
    said = by.who.ask("DELETE", f"/{kind}s/{quote(value['id'], safe='')}/claim")
    return Said(said, _at_desk(kind, said[kind], "claim"))


def dispatch(by: Speaker, args: argparse.Namespace) -> Said:
    """Ask one named responder to go."""
    id_ = by_number(by.who, "/incidents", "incident", args.incident)["id"]
    said = by.who.ask("POST", f"/incidents/{quote(id_, safe='')}/dispatch", body={"responder": args.responder})
    return Said(said, _line("incident", said["incident"]))


def close(by: Speaker, args: argparse.Namespace) -> Said:
    """Close an incident."""
    id_ = by_number(by.who, "/incidents", "incident", args.incident)["id"]
    said = by.who.ask("POST", f"/incidents/{quote(id_, safe='')}/close", body={"reason": args.reason})
    return Said(said, _line("incident", said["incident"]))


def merge(by: Speaker, args: argparse.Namespace) -> Said:
    """Make an incident part of another; undone by `reopen`."""
    id_ = by_number(by.who, "/incidents", "incident", args.incident)["id"]
    into = by_number(by.who, "/incidents", "incident", args.into)["id"]
    body = {"into": into, "reason": args.reason}
    said = by.who.ask("POST", f"/incidents/{quote(id_, safe='')}/merge", body=body)
    return Said(said, _line("incident", said["incident"]))


def join(by: Speaker, args: argparse.Namespace) -> Said:
    """Make a report part of an incident."""
    report = by_number(by.who, "/reports", "report", args.report)["id"]
    into = by_number(by.who, "/incidents", "incident", args.incident)
    said = by.who.ask("POST", f"/reports/{quote(report, safe='')}/join", body={"incident": into["id"]})
    line = f"{_line('report', said['report'])}, part of {number_of('incident', into['id'], clean(into))}"
    return Said(said, line)


def split(by: Speaker, args: argparse.Namespace) -> Said:
    """Make an incident of its own of some of one's reports."""
    id_ = by_number(by.who, "/incidents", "incident", args.incident)["id"]
    reports = [by_number(by.who, "/reports", "report", each)["id"] for each in args.reports]
    body = {"reports": reports, "reason": args.reason}
    said = by.who.ask("POST", f"/incidents/{quote(id_, safe='')}/split", body=body)
    new = [_line("incident", said["into"])] if said["into"] else []
    return Said(said, "\n".join([*new, _line("incident", said["incident"])]))


def reopen(by: Speaker, args: argparse.Namespace) -> Said:
    """Open an incident again, or take it out of the one that it was merged into."""
    before = by_number(by.who, "/incidents", "incident", args.incident)
    body = {"reason": args.reason}
    said = by.who.ask("POST", f"/incidents/{quote(before['id'], safe='')}/reopen", body=body)
    return Said(said, _line("incident", said["incident"], before))


def _line(kind: str, value: dict[str, Any], before: dict[str, Any] | None = None) -> str:
    value = clean(value)
    now = View(now=datetime.now(UTC))
    return f"{number_of(kind, value['id'], value)}  {sentence(kind, clean(before), value, now)}"


def _at_desk(kind: str, value: dict[str, Any], what: str) -> str:
    value = clean(value)
    return f"{number_of(kind, value['id'], value)}  {desk(value, what, View(now=datetime.now(UTC)))}"

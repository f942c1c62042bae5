"""`dharura send`: say something to the system as a citizen, a gateway, a sensor, a responder or an operator would.

You are where the whole road can be driven from a terminal or a script: `dharura send --help` lists what can be said.
Here is what each takes; `sayings` says it.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, get_args

from responder_api.cli import sayings
from responder_api.cli.client import Server, options, saved
from responder_api.cli.paint import Screen
from responder_api.cli.sayings import Said, Speaker
from responder_api.cli.trouble import Trouble, reported
from streams.events import Answer, Hazard, PositionOf

Say = Callable[[Speaker, argparse.Namespace], Said]

CHANNELS: Final = ("web", "call", "officer", "app")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("send", help="send a report, a text, a reading, an answer, a decision")
    verbs = parser.add_subparsers(title="what to send", metavar="WHAT", required=True)
    _add_intake(verbs)
    _add_responders(verbs)
    _add_operators(verbs)
    _add_regrouping(verbs)


def _add_intake(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _verb(verbs, "report", "report something that somebody saw", sayings.report, intake=True)
    parser.add_argument("text", help="what happened and where, in a few words")
    parser.add_argument("--lon", type=float, help="longitude, degrees (WGS 84)")
    parser.add_argument("--lat", type=float, help="latitude, degrees (WGS 84)")
    parser.add_argument("--position-of", choices=get_args(PositionOf), help="whose position it is")
    parser.add_argument("--hazard", choices=get_args(Hazard), help="what it is; by default the words tell")
    parser.add_argument("--channel", choices=CHANNELS, default="web", help="how it came (%(default)s)")
    parser.add_argument("--happened-at", metavar="TIME", help="when, as 2026-04-26T14:05:00+03:00; by default now")
    _add_key(parser)

    parser = _verb(verbs, "sms", "hand over a text message as the SMS gateway does", sayings.sms, intake=True)
    parser.add_argument("text", help="the words of the message")
    parser.add_argument("--from", dest="sender", required=True, metavar="NUMBER", help="the sender, as +254700000001")
    parser.add_argument("--to", default="20880", metavar="NUMBER", help="the short code (%(default)s)")
    _add_key(parser)

    parser = _verb(verbs, "reading", "send a reading of a river gauge", sayings.reading, intake=True)
    parser.add_argument("station", metavar="STATION", help="the station's id, as nyando-ogilo")
    parser.add_argument("value", metavar="VALUE", type=float, help="what it reads")
    parser.add_argument("--parameter", choices=("level", "rain"), default="level", help="(%(default)s)")
    parser.add_argument("--unit", help="by default the station's where it is known, else m")
    parser.add_argument("--datum", help="above what it is read; by default the station's where it is known")
    parser.add_argument("--at", metavar="TIME", help="when it was read; by default now")
    _add_key(parser)


def _add_responders(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _verb(verbs, "answer", "answer an ask; by default the newest open one of yours", sayings.answer)
    parser.add_argument("answer", choices=get_args(Answer))
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--assignment", metavar="ID", help="the ask's id")
    which.add_argument("--code", help="the ask's code, as 4F")
    parser.add_argument("--reason", default="", help="why")
    _add_key(parser)

    parser = _verb(verbs, "shift", "go on or off shift", sayings.shift)
    parser.add_argument("on", choices=("on", "off"))
    _add_responder(parser)

    parser = _verb(verbs, "position", "share a position", sayings.position)
    parser.add_argument("lon", metavar="LON", type=float, help="longitude, degrees (WGS 84)")
    parser.add_argument("lat", metavar="LAT", type=float, help="latitude, degrees (WGS 84)")
    _add_responder(parser)

    parser = _verb(verbs, "passed-on", "confirm that a warning was passed on in a ward", sayings.passed_on)
    parser.add_argument("alert", metavar="ALERT", help="the alert's number or id")
    parser.add_argument("ward", metavar="WARD", help="the ward, as KE.042.238.1189")
    parser.add_argument("--how", default="", help="baraza, siren, radio, door to door")


def _add_operators(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _verb(verbs, "approve", "approve the draft of a warning: it is issued at once", sayings.approve)
    parser.add_argument("alert", metavar="ALERT", help="the alert's number or id")

    parser = _verb(verbs, "place", "put a report that waits on the map", sayings.place)
    parser.add_argument("report", metavar="REPORT", help="the report's number or id")
    parser.add_argument("--candidate", type=int, metavar="N", help="where the N-th ward that its words may mean lies")
    parser.add_argument("--lon", type=float, help="longitude, degrees (WGS 84)")
    parser.add_argument("--lat", type=float, help="latitude, degrees (WGS 84)")

    parser = _verb(verbs, "dismiss", "judge a report no emergency", sayings.dismiss)
    parser.add_argument("report", metavar="REPORT", help="the report's number or id")
    parser.add_argument("reason", choices=("hoax", "duplicate", "not-an-emergency"))

    parser = _verb(verbs, "ask", "ask whoever sent a report, by text message", sayings.ask_back)
    parser.add_argument("report", metavar="REPORT", help="the report's number or id")
    parser.add_argument("question", metavar="QUESTION", help="what to ask, in the words they will read")
    _add_key(parser)

    parser = _verb(verbs, "claim", "say that you work on something: yours for five minutes", sayings.claim)
    parser.add_argument("item", metavar="ITEM", help="number or id of a report, an incident or an alert")
    parser.add_argument("--take-over", action="store_true", help="take it from another operator who works on it")

    parser = _verb(verbs, "release", "say that you do not work on it any more", sayings.release)
    parser.add_argument("item", metavar="ITEM", help="number or id of a report, an incident or an alert")

    parser = _verb(verbs, "dispatch", "ask one named responder to go to an incident", sayings.dispatch)
    parser.add_argument("incident", metavar="INCIDENT", help="the incident's number or id")
    parser.add_argument("responder", metavar="RESPONDER", help="the responder's id, as /responders lists it")

    parser = _verb(verbs, "close", "close an incident", sayings.close)
    parser.add_argument("incident", metavar="INCIDENT", help="the incident's number or id")
    parser.add_argument("reason", metavar="REASON", help="why it is over")


def _add_regrouping(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _verb(verbs, "join", "make a report part of an incident", sayings.join)
    parser.add_argument("report", metavar="REPORT", help="the report's number or id")
    parser.add_argument("incident", metavar="INCIDENT", help="the incident's number or id")

    parser = _verb(verbs, "merge", "make an incident part of another; reopen undoes it", sayings.merge)
    parser.add_argument("incident", metavar="INCIDENT", help="number or id of the one that becomes part")
    parser.add_argument("into", metavar="INTO", help="number or id of the one that remains")
    _add_reason(parser)

    parser = _verb(verbs, "split", "make an incident of its own of some of one's reports", sayings.split)
    parser.add_argument("incident", metavar="INCIDENT", help="the incident's number or id")
    parser.add_argument("reports", metavar="REPORT", nargs="+", help="numbers or ids of the reports that leave it")
    _add_reason(parser)

    parser = _verb(verbs, "reopen", "open an incident again: undo its closing or merging", sayings.reopen)
    parser.add_argument("incident", metavar="INCIDENT", help="the incident's number or id")
    _add_reason(parser)


def _verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    about: str,
    say: Say,
    *,
    intake: bool = False,
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
    options(parser)
    parser.add_argument("--json", action="store_true", help="print the server's answer as it is")
    if intake:
        parser.add_argument(
            "--intake-key-file", type=Path, metavar="FILE", help="show the key in this file (DHARURA_INTAKE_KEY)"
        )
    parser.set_defaults(run=lambda args: reported(lambda: run(args, say)), intake_key_file=None)
    return parser


def _add_key(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--key", help="sent again with the same key it is the same, once; by default a new one")


def _add_reason(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", default="", help="why")


def _add_responder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--responder", metavar="ID", help="who, when you are their operator; by default yourself")


def run(args: argparse.Namespace, say: Say) -> int:
    """Say one thing and print what came back; 0 when it was taken, 1 when it was refused."""
    screen = Screen(sys.stdout, sys.stderr, os.environ)
    key = _intake_key(args.intake_key_file)
    with Server(args.server) as server:
        who = None if key is not None else saved(server, args)
        try:
            said = say(Speaker(server, who, key), args)
        finally:
            if who is not None:
                who.leave()
    screen.line(json.dumps(said.answer, ensure_ascii=False) if args.json else said.line)
    return 0 if said.done else 1


def _intake_key(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"The intake key cannot be read from {path}: {error}") from error

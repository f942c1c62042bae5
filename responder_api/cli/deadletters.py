"""`dharura deadletters`: what no step could take; look at it, correct it, give it to its step again, or dismiss it.

With a server it asks as somebody (`--server`, `--as`), and only a server can replay or dismiss. With `--data` it reads
the data folder itself, whether a server works in it or not, for whoever keeps the machine: nothing can be changed that
way.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec

from geo.places import Rejected
from responder_api.cli.client import Server, Signed, options, signed
from responder_api.cli.find import listed
from responder_api.cli.folder import reading, settings_of
from responder_api.cli.paint import clean, tell
from responder_api.cli.serve import say
from responder_api.cli.trouble import Trouble, reported
from streams.database import Reading
from streams.events import DeadLetterDismissed, DeadLettered, DeadLetterReplayed, decode
from streams.topics import DEADLETTERS

PATH = "/deadletters"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    letters = commands.add_parser(
        "deadletters", help="list, show, replay and dismiss what no step could take"
    ).add_subparsers(metavar="WHAT", required=True)

    parser = letters.add_parser("list", help="one line each, the oldest first")
    _where(parser)
    parser.set_defaults(run=lambda args: reported(lambda: _list(args)))

    parser = letters.add_parser("show", help="one with its original, as JSON")
    parser.add_argument("id", metavar="ID", help="its id, or the beginning of it")
    _where(parser)
    parser.set_defaults(run=lambda args: reported(lambda: _show(args)))

    parser = letters.add_parser("replay", help="give one to its step again, as it was or corrected")
    parser.add_argument("id", metavar="ID", help="its id, or the beginning of it")
    parser.add_argument("--body", metavar="JSON", help="the event's body as it should have been; - reads it from stdin")
    options(parser)
    parser.set_defaults(run=lambda args: reported(lambda: _replay(args)))

    parser = letters.add_parser("dismiss", help="say that nothing is to be done about one")
    parser.add_argument("id", metavar="ID", help="its id, or the beginning of it")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; whoever looks later reads it")
    options(parser)
    parser.set_defaults(run=lambda args: reported(lambda: _dismiss(args)))


def _where(parser: argparse.ArgumentParser) -> None:
    options(parser)
    parser.add_argument("--data", type=Path, metavar="DIR", help="read this data folder instead of asking a server")


def _list(args: argparse.Namespace) -> int:
    letters = _kept(args) if args.data is not None else _asked(args)
    for letter in letters:
        again = "" if letter.get("state", "open") == "open" else f"  {letter['state']}"
        what = f"{letter['id']}  {letter['at']}  {letter['step']}  {letter['code']}{again}"
        say(clean(f"{what}: {letter['detail']}"))
    tell("no dead letters" if not letters else f"{len(letters)} dead letter{'' if len(letters) == 1 else 's'}")
    return 0


def _show(args: argparse.Namespace) -> int:
    letter = _kept_one(args) if args.data is not None else _asked_one(args)
    say(json.dumps(clean(letter), indent=2, ensure_ascii=False))
    return 0


def _replay(args: argparse.Namespace) -> int:
    body = _body(args.body)
    with _somebody(args) as who:
        path = f"{PATH}/{quote(_whole(who, args.id), safe='')}/replay"
        answer = who.ask("POST", path, body={} if body is None else {"body": body})
    if answer["taken"]:
        say(f"Taken: its step has it now (replay {answer['id']}).")
        return 0
    tell(f"Not taken again: {answer['detail']}")
    tell(f"It stands in the list once more. dharura deadletters show {args.id} prints its body: mend that for --body.")
    return 1


def _dismiss(args: argparse.Namespace) -> int:
    with _somebody(args) as who:
        path = f"{PATH}/{quote(_whole(who, args.id), safe='')}/dismiss"
        who.ask("POST", path, body={"reason": args.reason})
    say("Dismissed: nobody is reminded of it any more.")
    return 0


def _body(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        body = json.loads(sys.stdin.read() if text == "-" else text)
    except ValueError as error:
        raise Trouble(f"--body is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise Trouble("--body is no JSON object: give the event's body, as dharura deadletters show prints it.")
    return body


# --- at a server


@contextmanager
def _somebody(args: argparse.Namespace) -> Iterator[Signed]:
    """Give somebody at a server, for as long as the command runs."""
    with Server(args.server) as server:
        who = signed(server, args)
        try:
            yield who
        finally:
            who.leave()


def _whole(who: Signed, beginning: str) -> str:
    """Give the whole id of what begins so."""
    return beginning if _is_uuid(beginning) else _only([str(each["id"]) for each in listed(who, PATH)], beginning)


def _asked(args: argparse.Namespace) -> list[dict[str, Any]]:
    with _somebody(args) as who:
        return sorted(listed(who, PATH), key=lambda letter: (str(letter["at"]), str(letter["id"])))


def _asked_one(args: argparse.Namespace) -> dict[str, Any]:
    with _somebody(args) as who:
        found: dict[str, Any] = who.ask("GET", f"{PATH}/{quote(_whole(who, args.id), safe='')}")
        return found


# --- in a data folder


def kept(connection: Reading) -> list[dict[str, Any]]:
    """List the dead letters of the log itself, without their originals; `state` as their documents have it."""
    letters: dict[str, dict[str, Any]] = {}
    rows = connection.execute('SELECT event FROM log WHERE topic = ? ORDER BY "offset"', (DEADLETTERS.name,))
    for (data,) in rows:
        event = decode(data)
        if isinstance(event.body, DeadLettered):
            fields = msgspec.to_builtins(event.body)
            fields.pop("original")
            at = event.seen.isoformat(timespec="seconds")
            letters[event.id] = {"id": event.id, "at": at, "state": "open", **fields}
        elif isinstance(event.body, DeadLetterReplayed) and event.body.letter in letters:
            letters[event.body.letter]["state"] = "replayed"
        elif isinstance(event.body, DeadLetterDismissed) and event.body.letter in letters:
            letter = letters[event.body.letter]
            letter["state"] = "dismissed" if letter["state"] == "open" else letter["state"]
    return list(letters.values())


def _kept(args: argparse.Namespace) -> list[dict[str, Any]]:
    with reading(settings_of(args)) as connection:
        return kept(connection)


def _kept_one(args: argparse.Namespace) -> dict[str, Any]:
    id_ = args.id if _is_uuid(args.id) else _only([letter["id"] for letter in _kept(args)], args.id)
    with reading(settings_of(args)) as connection:
        row = connection.execute("SELECT event FROM log WHERE id = ?", (UUID(id_).bytes,)).fetchone()
    event = None if row is None else decode(row[0])
    if event is None or not isinstance(event.body, DeadLettered):
        raise Rejected("not-found", f"there is no dead letter {id_} in this folder")
    fields: dict[str, Any] = msgspec.to_builtins(event.body)
    return {"id": event.id, "at": event.seen.isoformat(), **fields, "original": _original(event.body.original)}


def _original(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _only(ids: list[str], beginning: str) -> str:
    found = [id_ for id_ in ids if id_.startswith(beginning.lower())]
    if len(found) == 1:
        return found[0]
    which = "no" if not found else "more than one"
    raise Trouble(f"There is {which} dead letter whose id begins with {beginning}.")


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False

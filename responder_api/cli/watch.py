"""`dharura watch`: incidents, assignments and alerts as they move, one line a change, for as long as you like.

You are where a person, or a script, sees the whole road happen. `follow` holds the line, `feed` knows what frames mean,
`shown` puts them on the screen; here is the command, and where in the feed it begins.
"""

import argparse
import os
import sys
from pathlib import Path

import msgspec

from responder_api.cli.client import Server, options, signed
from responder_api.cli.feed import KINDS, Feed
from responder_api.cli.follow import Follow
from responder_api.cli.paint import Screen
from responder_api.cli.shown import Bookmark, Frames, Lines
from responder_api.cli.trouble import Trouble, reported


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser(
        "watch",
        help="show incidents, assignments and alerts as they move",
        description="One line a change. Comes back by itself after any interruption, at the very place where it was.",
    )
    options(parser)
    parser.add_argument(
        "--kinds",
        type=_kinds,
        default=("incident", "assignment", "alert"),
        metavar="KIND,...",
        help=f"what to show: all, or some of {', '.join(KINDS)} (incident,assignment,alert)",
    )
    parser.add_argument("--area", action="append", metavar="AREA", help="only this area, as KE.042; may be repeated")
    parser.add_argument("--json", action="store_true", help="print the frames of /live as they are, one a line")
    parser.add_argument("--position-file", type=Path, metavar="FILE", help="keep the position here, go on from it")
    parser.add_argument("--once", action="store_true", help="show what is there, or what was missed, and end")
    parser.set_defaults(run=lambda args: reported(lambda: run(args)))


def _kinds(text: str) -> tuple[str, ...] | None:
    if text == "all":
        return None
    kinds = tuple(part.strip() for part in text.split(",") if part.strip())
    wrong = [kind for kind in kinds if kind not in KINDS]
    if wrong or not kinds:
        raise argparse.ArgumentTypeError(f"choose from all, {', '.join(KINDS)}")
    return kinds


def run(args: argparse.Namespace) -> int:
    """Watch until Ctrl-C, or until all is shown with `--once`; 0 then, 1 when a person must do something."""
    screen = Screen(sys.stdout, sys.stderr, os.environ)
    try:
        with Server(args.server) as server:
            _watch(args, server, screen)
    except KeyboardInterrupt:
        pass
    finally:
        screen.end()
    return 0


def _watch(args: argparse.Namespace, server: Server, screen: Screen) -> None:
    feed = _begin(args.position_file, server, screen)
    who = signed(server, args)
    shown = (Frames if args.json else Lines)(server, feed, screen, args.position_file)
    try:
        Follow(who, feed, shown, kinds=args.kinds and list(args.kinds), areas=args.area, once=args.once).run()
    finally:
        who.leave()


def _begin(path: Path | None, server: Server, screen: Screen) -> Feed:
    """Open the feed where the last run left it."""
    if path is None:
        return Feed()
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=Bookmark)
    except FileNotFoundError:
        return Feed()
    except (OSError, msgspec.MsgspecError) as error:
        raise Trouble(f"{path} holds no position ({error}): delete it to begin afresh.") from error
    if kept.server != server.url:
        screen.note(f"{path} is about {kept.server}: beginning afresh")
        return Feed()
    return Feed(kept.position, kept.view)

"""`dharura demo`: a server of its own on a fresh data folder, and a flood that builds up around Kisumu.

Everything goes through the door as it would from outside: the flood is posted over HTTP, and the responders with a
phone app sit on `/live` and answer. What happens is the product's own doing; only the people and the weather are
played.
"""

import argparse
import asyncio
import json
import os
import random
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec

import fixtures
from fixtures.play import Line, at_speed, fill, script
from responder_api.accounts import Account, Grant
from responder_api.cli.cast import Actor
from responder_api.cli.serve import options, say, serve, settings_of
from responder_api.door import event_of
from responder_api.node import Node
from responder_api.page_files import HOW
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from responder_api.wiring_embedded import build
from streams.embedded import AlreadyRunning, lock_folder
from streams.events import Event, ResponderEnrolled, ShiftChanged, audience
from streams.log import line
from streams.process_log import set_up_logging
from streams.world import World

SCENARIO = "scenarios/demo_flood.jsonl"
SPEED = 30.0
PREFIX = "dharura-demo-"
"""How the name of a demo's data folder begins."""
SETTLED_S = 60.0
"""A folder whose lock is younger may be that of a demo that is just starting."""
AT_THE_DOOR = 4
"""How many of those who are played sign in at the same time."""
SPARE = 2
"""Responders with the app whom nobody plays: they are yours to sign in as."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of fixtures/demo/responders.json."""

    id: str
    name: str
    title: str
    organisation: str
    phone: str
    skills: tuple[str, ...]
    home: str
    area: str
    languages: tuple[str, ...]
    has_app: bool
    on_shift: bool
    lon: float
    lat: float


class Official(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of fixtures/demo/operators.json."""

    account: str
    name: str
    organisation: str
    grants: tuple[Grant, ...]
    languages: tuple[str, ...] = ()


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("demo", help="start a server of its own with a simulated flood")
    options(parser)
    parser.add_argument("--speed", type=float, default=SPEED, help="how many times faster than life, 1 to 600")
    parser.add_argument("--seed", type=int, default=1, help="decides how the played responders answer")
    parser.add_argument("--quiet-cast", action="store_true", help="nobody is played: all asks are yours to answer")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve the demo until stopped, then throw its data away."""
    if not 1 <= args.speed <= 600:
        say("--speed is 1 to 600")
        return 2
    folder = None
    settings = settings_of(args)
    if args.data is None:
        sweep(Path(tempfile.gettempdir()), time.time())
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        settings = msgspec.structs.replace(settings, data=folder)
    # An exercise texts nobody, and its log keeps to what is wrong, so that what is printed can be read.
    settings = msgspec.structs.replace(settings, sms_url=None, log_level="warning")
    # Whoever ends it by SIGTERM expects the same: the server hands the signal on, and its default would end us at once.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        set_up_logging(settings.log_level)
        node = build(settings, demo_world(settings, args.speed), demo=True)
        return serve(node, lambda node: _play(node, args))
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path, now: float) -> None:
    """Throw away what killed demos left: our own folders in which a server has worked and none works; `now`: Unix."""
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            lock = (folder / "dharura.lock").lstat()
            if folder.is_symlink() or lock.st_uid != os.getuid() or now - lock.st_mtime < SETTLED_S:
                continue
            with lock_folder(folder):
                shutil.rmtree(folder, ignore_errors=True)
        except (AlreadyRunning, OSError):  # somebody works in it, or it is none of a demo
            continue


def demo_world(settings: Settings, speed: float) -> World:
    """Load the demo's world, its stations fitted to the speed at which the flood is played."""
    world = load_world(settings)
    stations = {
        id_: msgspec.structs.replace(gauge, station=at_speed(gauge.station, speed))
        for id_, gauge in world.stations.items()
    }
    return World(**{**vars(world), "stations": stations, "exercise": True})


async def _play(node: Node, args: argparse.Namespace) -> None:
    people = msgspec.json.decode(fixtures.path("demo/responders.json").read_bytes(), type=list[Person])
    officials = msgspec.json.decode(fixtures.path("demo/operators.json").read_bytes(), type=list[Official])
    password = f"maji-{secrets.token_hex(3)}-salama"
    await prepare(node, people, officials, password)
    with_app = [person for person in people if person.has_app]
    spare = [person for person in with_app if person.home.startswith("KE.042")][:SPARE]
    _welcome(node, args.speed, officials, spare, password, quiet=args.quiet_cast)
    chance = random.Random(args.seed)
    cast = [] if args.quiet_cast else [person for person in with_app if person not in spare]
    # All at once they would use up what one address may try, and keep out whoever opens the demo.
    door = asyncio.Semaphore(AT_THE_DOOR)
    actors = [Actor(node.public_url, person.id, password, chance.random(), door) for person in cast]
    async with asyncio.TaskGroup() as group:
        for actor in actors:
            group.create_task(actor.run())
        group.create_task(play(node.public_url, script(fixtures.path(SCENARIO)), args.speed))


async def prepare(node: Node, people: Sequence[Person], officials: Sequence[Official], password: str) -> None:
    """Make the demo's accounts, all with one throw-away password, and put its responders on the list."""
    hashed = await node.auth.hash_password(password, "demo")
    for official in officials:
        await _account(node, official.account, official.name, official.grants, None, hashed)
    for person in people:
        if person.has_app:
            grants = (Grant(role="responder", area=person.area),)
            await _account(node, person.id, person.name, grants, person.id, hashed)
    events = [event for person in people for event in _enrolled(node, person)]
    await node.host.append([line(event) for event in events])


async def _account(
    node: Node, name: str, shown: str, grants: tuple[Grant, ...], person: str | None, hashed: str
) -> None:
    now = datetime.now(UTC)
    account = Account(
        id=f"demo-{name}", name=name, display_name=shown, roles=grants, person=person, created_at=now, changed_at=now
    )
    await node.accounts.change(account.id, lambda _before, _everybody: account, hashed)


def _enrolled(node: Node, person: Person) -> list[Event]:
    seen_by = audience(person.home, "operator", persons=[person.id])
    enrolled = ResponderEnrolled(
        responder=person.id,
        name=person.name,
        title=person.title,
        organisation=person.organisation,
        phone=person.phone,
        skills=person.skills,
        home=person.home,
        languages=person.languages,
        has_app=person.has_app,
        lon=person.lon,
        lat=person.lat,
    )
    shift = ShiftChanged(responder=person.id, on=person.on_shift, by="demo")
    key = person.home[:6]
    return [event_of(node, body, key=key, audience=seen_by, source="demo") for body in (enrolled, shift)]


async def play(server: str, lines: Sequence[Line], speed: float) -> None:
    """Post a scenario's lines at their times; a line that the server refuses is part of the story."""
    start = datetime.now(UTC)
    clock = asyncio.get_running_loop().time
    began = clock()
    async with httpx.AsyncClient(base_url=server, timeout=30.0, trust_env=False) as client:
        for each in lines:
            await asyncio.sleep(max(0.0, each.at / speed - (clock() - began)))
            body = fill(each, start, speed)
            if each.post == "/intake/sms":
                await client.post(each.post, data=body)
            else:
                content = json.dumps(body)
                await client.post(each.post, content=content, headers={"content-type": "application/json"})
    say("The flood has been played to its end; the server stays up.")


def _welcome(
    node: Node, speed: float, officials: Sequence[Official], spare: Sequence[Person], password: str, *, quiet: bool
) -> None:
    """Print what can be opened, and as whom."""
    url = node.public_url
    say("")
    say(f"  Dharura demo: a flood around Kisumu, {speed:g} times faster than life. An exercise: nobody is texted.")
    say(f"  Data: {node.settings.data}, thrown away at the end")
    approximate = " (areas are approximations made for the demo)" if node.world.wards.approximate else ""
    say(f"  Wards: {len(node.world.wards)}{approximate}")
    say(f"  Place names: {sum(each.places for each in node.world.place_sources):,}")
    say("")
    if node.pages.missing:
        say(f"  Console and phone page      not built: {HOW}")
    else:
        say(f"  Console, for operators      {url}/console")
        say(f"  Phone page, for responders  {url}/phone")
    say(f"  API and its documentation   {url}/docs")
    say(f"  Live view in a terminal     .venv/bin/dharura watch --server {url} --as kisumu")
    say(f"  Public alerts (CAP 1.2)     {url}/alerts/cap.atom")
    say("")
    say(f"  Every demo login has the password   {password}")
    for official in officials:
        held = ", ".join(f"{grant.role} of {grant.area}" for grant in official.grants)
        say(f"    {official.account:<10} {held:<22} {official.name}")
    for person in spare:
        say(f"    {person.id:<10} {'responder, yours':<22} {person.name}, {person.title}, {person.phone}")
    say("    The other responders answer by themselves." if not quiet else "    Nobody is played: every ask is yours.")
    say("")
    say("  Ctrl-C stops it. Another port: make run RUN='demo --port 8400'")
    say("")

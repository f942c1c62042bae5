"""`dharura serve`: start a node and keep it running, as all of the system in one data folder or as one of a cluster."""

import argparse
import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec
import structlog
import uvicorn

from responder_api.app import create_app
from responder_api.limits import protocol
from responder_api.moved import check_not_moved
from responder_api.node import Node
from responder_api.page_files import HOW
from responder_api.place_store import ORIGINS, origin_of
from responder_api.routes.maps import prepare
from responder_api.settings import Settings, read_settings
from responder_api.wiring import build
from streams.process_log import set_up_logging
from streams.standing import leave_standing

BEGIN_AGAIN: Final = 75
"""Exit status of a process that must be started again (EX_TEMPFAIL of sysexits.h)."""
Meanwhile = Callable[[Node], Awaitable[None]]
"""Something that runs beside the server once it listens (the demo's player)."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("serve", help="start the server: on its data folder, or as a node of a cluster")
    options(parser)
    parser.add_argument("--make-topics", action="store_true", help="in a cluster: make the topics that Kafka lacks")
    parser.add_argument(
        "--anyway", action="store_true", help="also on a data folder whose log was moved to a cluster (dharura migrate)"
    )
    parser.set_defaults(run=run)


def options(parser: argparse.ArgumentParser) -> None:
    """Add the options that stand for settings."""
    parser.add_argument("--host", help="address to listen on (DHARURA_HOST)")
    parser.add_argument("--port", type=int, help="port to listen on (DHARURA_PORT)")
    parser.add_argument("--data", type=Path, help="data folder (DHARURA_DATA)")
    parser.add_argument("--boundaries", type=Path, help="ward boundaries, any OGR file (DHARURA_BOUNDARIES)")
    parser.add_argument("--places", type=Path, help="place names, CSV, GeoNames or any OGR file (DHARURA_PLACES)")


def settings_of(args: argparse.Namespace) -> Settings:
    """Read the settings, with what the command line says instead."""
    names = ("host", "port", "data", "boundaries", "places")
    said = {name: value for name in names if (value := getattr(args, name)) is not None}
    return msgspec.structs.replace(read_settings(), **said)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    settings = settings_of(args)
    set_up_logging(settings.log_level)
    if not settings.clustered and not args.anyway:
        check_not_moved(settings.data)
    return serve(build(settings, make_topics=args.make_topics), _say_hello)


def serve(node: Node, meanwhile: Meanwhile) -> int:
    """Serve a node until SIGINT or SIGTERM, or until it ends itself; `meanwhile` runs once it listens."""
    settings = node.settings
    config = uvicorn.Config(
        create_app(node),
        host=settings.host,
        port=settings.port,
        ws=node.live.protocol(),
        http=protocol(),
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=15,
        backlog=4096,
    )
    server = Server(config, node, meanwhile)
    node.end = server.end
    server.run()
    return 0 if node.ends_because is None else BEGIN_AGAIN


class Server(uvicorn.Server):
    """uvicorn's server, which starts `meanwhile` as soon as it listens."""

    def __init__(self, config: uvicorn.Config, node: Node, meanwhile: Meanwhile) -> None:
        super().__init__(config)
        self._node, self._meanwhile = node, meanwhile
        self._tasks: list[asyncio.Task[None]] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, learn the port that was taken, and start what runs beside."""
        try:
            await super().startup(sockets)
        except SystemExit:
            if not self.lifespan.should_exit:
                host, port = self.config.host, self.config.port
                say(f"Port {port} of {host} cannot be taken. --port or DHARURA_PORT says another; 0 is any free one.")
            raise
        if not self.started:
            return
        leave_standing()
        port = self.servers[0].sockets[0].getsockname()[1]
        if not self._node.settings.public_url:
            host = self._node.settings.host
            shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  shown, not bound
            self._node.public_url = f"http://{shown}:{port}"
        self._tasks = [
            asyncio.create_task(_logged(work)) for work in (self._meanwhile(self._node), prepare(self._node))
        ]

    def end(self) -> None:
        """End in order, as on SIGTERM."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop what runs beside, then the server."""
        for task in self._tasks:
            task.cancel()
        await super().shutdown(sockets)


async def _logged(work: Awaitable[None]) -> None:
    try:
        await work
    except asyncio.CancelledError:
        raise
    except Exception:  # noqa: BLE001  the server goes on without its demo
        structlog.get_logger().exception("what runs beside the server failed")


async def _say_hello(node: Node) -> None:
    where = "a node of its cluster" if node.settings.clustered else f"data: {node.settings.data}"
    say(f"Dharura listens on {node.public_url}    API: {node.public_url}/docs    {where}")
    if node.pages.missing:
        say(f"The console and the phone page are not built: {HOW}")
    else:
        say(f"Console, for operators: {node.public_url}/console    Phone page, for responders: {node.public_url}/phone")
    wards, since = node.world.wards, node.since().astimezone()
    say(f"Boundaries: version {wards.version}, {len(wards)} wards, counts since {since:%Y-%m-%d %H:%M}")
    sources = node.world.place_sources
    owed = ", ".join(f"{each.name} ({each.places:,})" for each in sources)
    say(f"Place names: {ORIGINS[origin_of(node.settings)]}: {owed}")
    if node.world.wards.approximate:
        say("Ward areas are the demo's approximations; `dharura wards import FILE` brings real ones.")
    if node.settings.intake_key is None:
        say("Intake is open to everybody who can reach it: set DHARURA_INTAKE_KEY before others can.")
    if not await node.accounts.all():
        token = await node.auth.open_setup()
        say(f"There is no account yet. Make the first administrator here, once: {node.public_url}/setup#{token}")
        if node.settings.clustered:
            say("Each node that starts shows such a link; the newest of them counts.")


def say(text: str) -> None:
    """Print a line for whoever started the server."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()

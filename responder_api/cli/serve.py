"""`dharura serve`: start an embedded node on the data folder and keep it running."""

import argparse
import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import structlog
import uvicorn

from responder_api.app import create_app
from responder_api.boundary_store import BoundaryStore
from responder_api.cli.logs import set_up_logging
from responder_api.limits import protocol
from responder_api.node import Node
from responder_api.page_files import HOW
from responder_api.place_store import ORIGINS, origin_of
from responder_api.routes.maps import prepare
from responder_api.settings import Settings, read_settings
from responder_api.wiring import build
from streams.world import World

Meanwhile = Callable[[Node], Awaitable[None]]
"""Something that runs beside the server once it listens (the demo's player)."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("serve", help="start the server on the data folder")
    options(parser)
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
    return serve(settings_of(args), _say_hello)


def serve(settings: Settings, meanwhile: Meanwhile, *, demo: bool = False, world: World | None = None) -> int:
    """Build a node and serve it until SIGINT or SIGTERM; `meanwhile` runs once it listens."""
    set_up_logging(settings.log_level)
    node = build(settings, world, demo=demo)
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
    Server(config, node, meanwhile).run()
    return 0


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
        port = self.servers[0].sockets[0].getsockname()[1]
        if not self._node.settings.public_url:
            host = self._node.settings.host
            shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  shown, not bound
            self._node.public_url = f"http://{shown}:{port}"
        self._tasks = [
            asyncio.create_task(_logged(work)) for work in (self._meanwhile(self._node), prepare(self._node))
        ]

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
    say(f"Dharura listens on {node.public_url}    API: {node.public_url}/docs    data: {node.settings.data}")
    if node.pages.missing:
        say(f"The console and the phone page are not built: {HOW}")
    else:
        say(f"Console, for operators: {node.public_url}/console    Phone page, for responders: {node.public_url}/phone")
    since = next((at for at, _ in reversed(BoundaryStore(node.settings.data).days())), node.clock())
    wards = node.world.wards
    say(f"Boundaries: version {wards.version}, {len(wards)} wards, counts since {since.astimezone():%Y-%m-%d %H:%M}")
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


def say(text: str) -> None:
    """Print a line for whoever started the server."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()

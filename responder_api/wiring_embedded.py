"""Puts an embedded node together: log, steps, read model and accounts in one SQLite file. See `wiring`."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from responder_api import boundary_days, metrics, view_tables
from responder_api.accounts_sqlite import SqliteAccounts
from responder_api.identity import Auth
from responder_api.node import Node
from responder_api.passwords import Passwords
from responder_api.projector import Projector
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from responder_api.shown import ByOffset
from responder_api.tail import Tail
from responder_api.views_sqlite import ViewsSqlite
from responder_api.ways_out import channels
from responder_api.wiring_live import live_of
from streams.database import FILE, connect
from streams.effects import Effects
from streams.embedded import Embedded
from streams.log_damage import check_tail
from streams.log_sqlite import LogSqlite
from streams.pipeline import pipeline
from streams.shelf_sqlite import check_form
from streams.world import World


@dataclass(kw_only=True)
class EmbeddedNode(Node):
    """A node that is all of the system."""

    host: Embedded
    views: ViewsSqlite
    effects: Effects


def build(settings: Settings, world: World | None = None, *, demo: bool = False) -> EmbeddedNode:
    """Make an embedded node over the settings' data folder.

    Raises StorageError, LogDamaged, AlreadyRunning, or Rejected `data-older` for a folder that stays as it was.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    world = world or load_world(settings)
    check_tail(settings.data / FILE)  # before anything opens the file: SQLite drops without a word what is damaged
    _check_form(settings.data / FILE)  # before any table is carried over: the version that made it must still read it
    accounts = SqliteAccounts(settings.data / FILE)
    connection = connect(settings.data / FILE)
    view_tables.prepare(connection)
    epoch = LogSqlite(connection).epoch
    connection.close()
    steps = pipeline(boundary_days.worlds(settings, world))
    host = Embedded(settings.data, steps, [Projector(epoch)])
    boundary_days.begin(settings, world.wards, host.clock())
    views = ViewsSqlite(settings.data, host.epoch)
    tail = Tail(views, host.done)
    host.listen(tail.committed)
    auth = Auth(accounts=accounts, sessions=accounts, keys=accounts, passwords=Passwords(), settings=settings)
    node: EmbeddedNode = EmbeddedNode(
        settings=settings,
        world=world,
        steps=steps,
        host=host,
        shown=ByOffset(tail, host.end),
        views=views,
        tail=tail,
        accounts=accounts,
        auth=auth,
        live=live_of(settings, views, auth, lambda: node),
        effects=Effects(host, channels(settings)),
        metrics=metrics.registry(metrics.NodeCollector(metrics.EMBEDDED, lambda: figures(node), views.counts)),
        demo=demo,
        public_url=settings.public_url or f"http://{settings.host}:{settings.port}",
    )
    return node


def _check_form(path: Path) -> None:
    if path.exists():  # a new one is made by `SqliteAccounts`, readable for its owner alone
        with closing(connect(path)) as connection:
            check_form(connection)


def figures(node: EmbeddedNode) -> dict[str, float]:
    """Read a node's figures for `metrics`."""
    return node.figures() | {
        "dharura_log_events": node.host.end(),
        "dharura_pipeline_behind": node.host.end() - node.host.done(),
        "dharura_messages_sent": node.effects.sent,
        "dharura_messages_failed": node.effects.failed,
    }

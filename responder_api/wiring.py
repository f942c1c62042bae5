"""Puts a node together: the one place where adapters are chosen. Next: `app` puts HTTP in front of it."""

from contextlib import closing
from pathlib import Path

from alerts.channels import Channel
from alerts.channels.outbox import Outbox
from alerts.channels.sms import AfricasTalking
from responder_api import boundary_days, metrics, view_tables
from responder_api.accounts_sqlite import SqliteAccounts
from responder_api.audience import Viewer
from responder_api.identity import Auth
from responder_api.live import Live, LiveSettings
from responder_api.node import Node
from responder_api.passwords import Passwords
from responder_api.projector import Projector
from responder_api.reference_data import load_world
from responder_api.said import taken_down
from responder_api.settings import Settings
from responder_api.tail import Tail
from responder_api.views_sqlite import ViewsSqlite
from streams.database import FILE, connect
from streams.effects import Effects
from streams.embedded import Embedded
from streams.log_damage import check_tail
from streams.log_sqlite import LogSqlite
from streams.pipeline import pipeline
from streams.shelf_sqlite import check_form
from streams.world import World


def build(settings: Settings, world: World | None = None, *, demo: bool = False) -> Node:
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
    host = Embedded(settings.data, pipeline(boundary_days.worlds(settings, world)), [Projector(epoch)])
    boundary_days.begin(settings, world.wards, host.clock())
    views = ViewsSqlite(settings.data, host.epoch)
    tail = Tail(views, host.done)
    auth = Auth(accounts=accounts, sessions=accounts, keys=accounts, passwords=Passwords(), settings=settings)
    effects = Effects(host, _channels(settings))
    node: Node

    async def on_message(viewer: Viewer, fields: dict[str, object]) -> dict[str, object]:
        return await taken_down(node, viewer, fields)

    live = Live(
        views,
        auth.check,
        auth.fallen,
        on_message,
        LiveSettings(allowed_origins=settings.origins(), sockets=settings.max_sockets),
    )
    node = Node(
        settings=settings,
        world=world,
        host=host,
        views=views,
        tail=tail,
        accounts=accounts,
        auth=auth,
        live=live,
        effects=effects,
        metrics=metrics.registry(lambda: figures(node), views.counts),
        demo=demo,
        public_url=settings.public_url or f"http://{settings.host}:{settings.port}",
    )
    return node


def _check_form(path: Path) -> None:
    if path.exists():  # a new one is made by `SqliteAccounts`, readable for its owner alone
        with closing(connect(path)) as connection:
            check_form(connection)


def _channels(settings: Settings) -> dict[str, Channel]:
    if settings.sms_url is None or settings.sms_username is None or settings.sms_api_key is None:
        return {"sms": Outbox(settings.data / "outbox.jsonl")}
    sms = AfricasTalking(
        url=settings.sms_url,
        username=settings.sms_username,
        api_key=settings.sms_api_key,
        sender=settings.sms_sender,
    )
    return {"sms": sms}


def figures(node: Node) -> dict[str, float]:
    """Read a node's figures for `metrics`."""
    return {
        "dharura_log_events": node.host.end(),
        "dharura_pipeline_behind": node.host.end() - node.host.done(),
        "dharura_storage_trouble": float(node.host.trouble is not None),
        "dharura_clock_offset_seconds": node.clock_offset_s(),
        "dharura_live_sockets": node.live.sockets,
        "dharura_live_frames_sent": node.live.sent,
        "dharura_live_slow_closed": node.live.slow_closed,
        "dharura_live_resyncs": node.live.resyncs,
        "dharura_messages_sent": node.effects.sent,
        "dharura_messages_failed": node.effects.failed,
    }

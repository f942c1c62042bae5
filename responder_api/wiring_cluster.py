"""Puts a node of a cluster together: Kafka takes what the door accepts, PostgreSQL has what is shown. See `wiring`."""

import structlog

from responder_api import boundary_days, metrics
from responder_api.accounts_postgres import PostgresAccounts
from responder_api.clustered import cluster_of, worlds_of
from responder_api.identity import Auth
from responder_api.joining import check_topics, join
from responder_api.metrics_cluster import ClusterCollector
from responder_api.node_cluster import ClusterNode
from responder_api.passwords import Passwords
from responder_api.projecting import FEED
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from responder_api.shown_cluster import ByConsequence
from responder_api.tail import Tail
from responder_api.throttle_postgres import SharedThrottle
from responder_api.views_postgres import ViewsPostgres
from responder_api.wiring_live import live_of
from streams.cluster.host import Clustered
from streams.cluster.listening import Listening
from streams.log_kafka import LogKafka
from streams.pipeline import pipeline
from streams.world import World

logger = structlog.get_logger()


def build(settings: Settings, world: World | None = None, *, make_topics: bool = False) -> ClusterNode:
    """Join the cluster as a node.

    Raises BadSetting, StorageError when the database does not come up, Rejected `world-differs`, `topics-missing`, or
    what the reference data are refused with.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    cluster = cluster_of(settings)
    world = world or load_world(settings)
    joined = join(cluster, world)
    check_topics(cluster, make=make_topics)
    boundary_days.keep(settings, world.wards, joined.clock())
    steps = pipeline(worlds_of(settings, cluster, world))
    node: ClusterNode

    def begin_again(why: str) -> None:
        logger.error("this node ends, to begin again", reason=why)
        node.ends_because = why
        node.end()

    def own_figures() -> dict[str, float]:
        return node.figures()

    host = Clustered(
        cluster.database,
        joined.epoch,
        LogKafka(cluster.kafka, name=cluster.worker),
        clock=joined.clock,
        why_changed=joined.why_changed,
        changed=begin_again,
    )
    views = ViewsPostgres(cluster.database, joined.epoch)
    accounts = PostgresAccounts(cluster.database)
    auth = Auth(
        accounts=accounts,
        sessions=accounts,
        keys=accounts,
        passwords=Passwords(),
        settings=settings,
        throttle=SharedThrottle(accounts),
    )
    tail = Tail(views, lambda: 0)  # nobody waits here by offset: `shown` follows causes
    figures = ClusterCollector(cluster, steps, own_figures, views.counts)
    node = ClusterNode(
        settings=settings,
        world=world,
        steps=steps,
        host=host,
        shown=ByConsequence(cluster.database, steps, joined.clock),
        views=views,
        tail=tail,
        accounts=accounts,
        auth=auth,
        live=live_of(settings, views, auth, lambda: node),
        metrics=metrics.registry(figures),
        collector=figures,
        agreed_since=joined.clock() if joined.agreed is None else joined.agreed.since,
        listening=Listening(cluster.database, [FEED], lambda _: tail.committed(), who="dharura node"),
        public_url=settings.public_url or f"http://{settings.host}:{settings.port}",
    )
    return node

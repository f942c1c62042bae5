"""`dharura topics`: make Kafka's topics and access rules as the tables and the agencies file say, and show them.

`apply --dry-run` says what would be done and changes nothing; without it, the same lines say what was done. Run it as a
principal that the brokers let administer them (`super.users`); no other part of Dharura needs that right.
"""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

from geo.places import Rejected
from responder_api.kafka_settings import kafka_of
from responder_api.settings import Settings, read_settings
from streams.cluster import administration, permissions
from streams.cluster.access import Access
from streams.cluster.administration import Difference, Wanted
from streams.cluster.agencies import Rule, read, rules


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    topics = commands.add_parser("topics", help="make and show the cluster's topics and access rules").add_subparsers(
        metavar="WHAT", required=True
    )
    parser = topics.add_parser("apply", help="make topics, settings and access rules as they must be")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument(
        "--agencies", type=Path, metavar="FILE", help="who may read what, TOML or JSON (DHARURA_AGENCIES)"
    )
    parser.add_argument("--prune", action="store_true", help="remove access rules that the file does not ask for")
    parser.set_defaults(run=_apply)
    topics.add_parser("list", help="show every topic, and what of it is not as it must be").set_defaults(run=_list)


def _apply(args: argparse.Namespace) -> int:
    settings = read_settings()
    file: Path | None = args.agencies or settings.agencies
    if args.prune and file is None:
        raise Rejected("agencies-invalid", "--prune needs a file of agencies: --agencies or DHARURA_AGENCIES")
    access = kafka_of(settings)
    wanted = None if file is None else rules(read(file), access)
    asyncio.run(_make_topics(access, settings, dry=args.dry_run))
    if wanted is not None:
        asyncio.run(_make_rules(access, wanted, dry=args.dry_run, prune=args.prune))
    if args.dry_run:
        print("Nothing was changed: this was a dry run.")
    return 0


def _list(args: argparse.Namespace) -> int:
    """Show them; 1 when something is not as it must be."""
    settings = read_settings()
    return asyncio.run(_show(kafka_of(settings), settings))


async def _make_topics(access: Access, settings: Settings, *, dry: bool) -> None:
    async with administration.administrator(access) as admin:
        wanted = await administration.planned(admin, access, copies=settings.kafka_replication or 0)
        differences = await administration.survey(admin, wanted)
        for difference in differences:
            print(_change(difference))
        if not dry:
            await administration.apply(admin, wanted, differences)
    if not differences:
        print(f"{len(wanted)} topics are as they must be.")


async def _make_rules(access: Access, wanted: frozenset[Rule], *, dry: bool, prune: bool) -> None:
    async with permissions.connected(access) as client:
        found = await permissions.survey(client, access, wanted)
        change = permissions.compare(found, wanted)
        for rule in change.added:
            print(f"+ {rule}")
        for rule in change.unwanted:
            print(f"- {rule}" if prune else f"? {rule}: not in the file; --prune removes it")
        for words in found.others:
            print(f"! {words}: not a rule of ours, left alone; it counts for our topics too")
        if not dry:
            await permissions.add(client, change.added)
            if prune:
                await permissions.remove(client, change.unwanted)
    if not change.added and not change.unwanted:
        print(f"{len(wanted)} access rules are as they must be.")


async def _show(access: Access, settings: Settings) -> int:
    async with administration.administrator(access) as admin:
        wanted = await administration.planned(admin, access, copies=settings.kafka_replication or 0)
        differences = await administration.survey(admin, wanted)
    width = max(len(topic.name) for topic in wanted)
    for topic in wanted:
        print(_row(topic, width, [_state(difference) for difference in differences if difference.topic == topic.name]))
    return int(bool(differences))


def _row(topic: Wanted, width: int, states: Sequence[str]) -> str:
    days = int(topic.settings["retention.ms"]) // administration.DAY_MS
    kept = "kept: the newest of each key" if topic.settings["cleanup.policy"] == "compact" else f"kept {days} days"
    said = f"{topic.name:<{width}}  {topic.partitions:>2} partitions  {topic.copies} copies  {kept}"
    return "  ".join([said, *states])


def _state(difference: Difference) -> str:
    if difference.what == "missing":
        return "MISSING"
    return f"{difference.setting or difference.what.upper()} is {difference.now or 'unset'}, not {difference.wanted}"


def _change(difference: Difference) -> str:
    match difference.what:
        case "missing":
            return f"+ topic {difference.topic}: {difference.wanted}"
        case "setting":
            now, wanted = difference.now or "unset", difference.wanted
            return f"~ topic {difference.topic}: {difference.setting} {now} -> {wanted}"
        case "copies":
            return (
                f"! topic {difference.topic} has {difference.now} copies, not {difference.wanted}: left as it is; "
                "Kafka's own kafka-reassign-partitions moves copies"
            )
        case "partitions":
            return f"! topic {difference.topic} has {difference.now} partitions, not {difference.wanted}"

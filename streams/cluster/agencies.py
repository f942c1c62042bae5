"""Who may read and write which topics: the agencies of a file, and our own processes, as access rules for Kafka.

Pure: what the file says becomes rules. `permissions` compares them with those of the brokers and sends them there;
`dharura topics apply` does both. The file is TOML or JSON; `docs/agencies.md` shows one.
"""

import tomllib
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from geo.places import Rejected
from streams.cluster.access import Access
from streams.topics import MIRRORABLE, MIRRORS, POSITIONS, TOPICS

SHOWABLE: Final = tuple(topic.name for topic in (*MIRRORABLE, *MIRRORS))
"""What an agency may be given: not the machinery (texts, messages, deadlines), nor who our people are."""

_Principal = Annotated[str, Meta(pattern=r"^[^\s*:][^*]*$", max_length=200)]
_Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Kind(IntEnum):
    """What a rule is about, as numbered in Kafka's protocol."""

    TOPIC = 2
    GROUP = 3


class Match(IntEnum):
    """Whether a rule names one thing, or all that begin so."""

    LITERAL = 3
    PREFIXED = 4


class Operation(IntEnum):
    """What is allowed."""

    READ = 3
    WRITE = 4
    DESCRIBE = 8


class Rule(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One access rule: `principal` may do this with that, from any host."""

    principal: str
    kind: Kind
    name: str
    match: Match = Match.LITERAL
    operation: Operation

    def __str__(self) -> str:
        """Say it in words."""
        many = "s that begin with" if self.match is Match.PREFIXED else ""
        return f"{self.principal} may {self.operation.name.lower()} {self.kind.name.lower()}{many} {self.name}"


class Agency(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who reads: `topics` it may see whole, `groups` is what the names of its consumer groups begin with."""

    name: _Name
    principal: _Principal
    topics: tuple[str, ...]
    groups: Annotated[str, Meta(min_length=3, max_length=200, pattern=r"^[a-zA-Z0-9._-]+$")]


class Own(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Principals of our own processes: `nodes` serve the API, `workers` run steps and keeper, `mirrors` write here."""

    nodes: tuple[_Principal, ...] = ()
    workers: tuple[_Principal, ...] = ()
    mirrors: tuple[_Principal, ...] = ()


class Agencies(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file says."""

    agency: tuple[Agency, ...] = ()
    own: Own = Own()


def read(path: Path) -> Agencies:
    """Read the file; Rejected `agencies-invalid` names what is wrong with it."""
    try:
        text = path.read_bytes()
        loaded = msgspec.json.decode(text) if path.suffix == ".json" else tomllib.loads(text.decode())
        found = msgspec.convert(loaded, Agencies)
    except (OSError, ValueError) as error:  # msgspec's, tomllib's and the decoder's errors are ValueErrors
        raise Rejected("agencies-invalid", f"{path}: {error}") from error
    for agency in found.agency:
        for name in agency.topics:
            if name not in SHOWABLE:
                raise Rejected(
                    "agencies-invalid",
                    f"{path}: {agency.name} cannot be given topic {name!r}; it may be any of {', '.join(SHOWABLE)}",
                )
    return found


def rules(agencies: Agencies, access: Access) -> frozenset[Rule]:
    """Give every rule that is wanted; whoever may read or write a topic may describe it.

    Rejected `agencies-invalid` when an agency's groups would be the workers' as well: it could take their records.
    """
    made: set[Rule] = set()
    everything = [topic.name for topic in (*TOPICS, *MIRRORS)]
    for agency in agencies.agency:
        if access.group.startswith(agency.groups):
            raise Rejected(
                "agencies-invalid", f"groups {agency.groups!r} of {agency.name} would be the workers' own as well"
            )
        made |= _topics(access, agency.principal, agency.topics, Operation.READ)
        made |= _group(agency.principal, agency.groups, Match.PREFIXED)
    for node in agencies.own.nodes:
        made |= _topics(access, node, everything, Operation.WRITE)
    for worker in agencies.own.workers:
        made |= _topics(access, worker, everything, Operation.READ, Operation.WRITE)
        made |= _group(worker, access.group, Match.LITERAL)
    for mirror in agencies.own.mirrors:
        made |= _topics(access, mirror, [topic.name for topic in MIRRORS], Operation.WRITE)
        made |= _topics(access, mirror, [POSITIONS.name], Operation.READ, Operation.WRITE)
    return frozenset(made)


def topics_of(access: Access) -> frozenset[str]:
    """Give the names of all topics that are ours."""
    return frozenset(access.topic(topic.name) for topic in (*TOPICS, *MIRRORS, POSITIONS))


def _topics(access: Access, principal: str, names: Sequence[str], *operations: Operation) -> set[Rule]:
    return {
        Rule(principal=_user(principal), kind=Kind.TOPIC, name=access.topic(name), operation=operation)
        for name in names
        for operation in (*operations, Operation.DESCRIBE)
    }


def _group(principal: str, name: str, match: Match) -> set[Rule]:
    return {
        Rule(principal=_user(principal), kind=Kind.GROUP, name=name, match=match, operation=operation)
        for operation in (Operation.READ, Operation.DESCRIBE)
    }


def _user(principal: str) -> str:
    return f"User:{principal}"

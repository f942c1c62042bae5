"""The access rules on Kafka, compared with those that are wanted and made the same.

aiokafka's administration client does not know access rules; its protocol does, so the requests are sent as such.
Rules about what is not ours are left alone, and so are rules that deny and those wider than one topic: they are shown.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import NoError, SecurityDisabled, for_code
from aiokafka.protocol.admin import CreateAclsRequest_v1, DeleteAclsRequest_v1, DescribeAclsRequest
from aiokafka.protocol.api import Request

from geo.places import Rejected
from streams.cluster.access import Access
from streams.cluster.agencies import Kind, Match, Operation, Rule, topics_of
from streams.cluster.reasons import told

ANY: Final = 1
ALLOW: Final = 3
EVERY_HOST: Final = "*"
_REQUEST_MS: Final = 20_000
_LOOK_S: Final = 0.05
_OURS: Final = frozenset(int(operation) for operation in Operation)
_MATCHES: Final = frozenset(int(match) for match in Match)

_Entry = tuple[int, str, int, str, str, int, int]
"""A rule as Kafka has it: kind, name, match, principal, host, operation, permission."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of the brokers: `ours` are of our form; `others`, a line each, are not and touch our topics too."""

    ours: frozenset[Rule]
    others: tuple[str, ...]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What must be added, and what is there that nobody wants any more."""

    added: tuple[Rule, ...]
    unwanted: tuple[Rule, ...]


@asynccontextmanager
async def connected(access: Access) -> AsyncIterator[AIOKafkaClient]:
    """Connect as one who may see and change rules; LogUnavailable when Kafka cannot be reached or refuses."""
    client = AIOKafkaClient(**access.client("dharura-topics"), request_timeout_ms=_REQUEST_MS)
    with told(access):
        try:
            await client.bootstrap()
            yield client
        finally:
            await client.close()


async def survey(client: AIOKafkaClient, access: Access, wanted: Iterable[Rule]) -> Found:
    """Give the brokers' rules about our topics, and about the groups of those who have rules about our topics.

    Raises Rejected `no-access-rules` when the brokers check none: then everybody may do everything.
    """
    entries = await _entries(client)
    topics = topics_of(access)
    known = {rule.principal for rule in wanted} | {
        principal for kind, name, _, principal, *_ in entries if kind == Kind.TOPIC and name in topics
    }
    ours: set[Rule] = set()
    others: list[str] = []
    for kind, name, match, principal, host, operation, permission in entries:
        about_us = name in topics if kind == Kind.TOPIC else kind == Kind.GROUP and principal in known
        rule = _rule(kind, name, match, principal, host, operation, permission) if about_us else None
        if rule is not None:
            ours.add(rule)
        elif about_us or (kind == Kind.TOPIC and _covers(match, name, topics)):
            others.append(_words(kind, name, match, principal, host, operation, permission))
    return Found(ours=frozenset(ours), others=tuple(sorted(others)))


def compare(found: Found, wanted: frozenset[Rule]) -> Change:
    """Say what to add and what is not wanted any more."""
    return Change(added=tuple(sorted(wanted - found.ours)), unwanted=tuple(sorted(found.ours - wanted)))


async def add(client: AIOKafkaClient, rules: Iterable[Rule]) -> None:
    """Add rules; returns when the broker that was asked goes by them."""
    if fields := [_fields(rule) for rule in rules]:
        answer = await _send(client, _Create(fields))
        for code, said in answer.creation_responses:
            _check(code, said)
        await _until(client, set(fields).issubset)


async def remove(client: AIOKafkaClient, rules: Iterable[Rule]) -> None:
    """Remove exactly these rules; returns when the broker that was asked goes by them no more."""
    if fields := [_fields(rule) for rule in rules]:
        answer = await _send(client, _Delete(fields))
        for code, said, matching in answer.filter_responses:
            _check(code, said)
            for inner, why, *_ in matching:
                _check(inner, why)
        await _until(client, set(fields).isdisjoint)


class _Create(Request[CreateAclsRequest_v1]):  # type: ignore[misc]  # aiokafka has no types
    """Many rules in one request; aiokafka's own class takes one."""

    API_KEY = CreateAclsRequest_v1.API_KEY

    def __init__(self, fields: Sequence[_Entry]) -> None:
        self._fields = fields

    def build(self, form: Any) -> Any:
        """Give the request in the form of the version that the broker speaks."""
        return form(self._fields)


class _Delete(Request[DeleteAclsRequest_v1]):  # type: ignore[misc]  # aiokafka has no types
    """Many rules in one request; aiokafka's own class takes one."""

    API_KEY = DeleteAclsRequest_v1.API_KEY

    def __init__(self, fields: Sequence[_Entry]) -> None:
        self._fields = fields

    def build(self, form: Any) -> Any:
        """Give the request in the form of the version that the broker speaks."""
        return form(self._fields)


async def _entries(client: AIOKafkaClient) -> list[_Entry]:
    """Give every rule that a broker has, in the order of `_fields`."""
    answer = await _send(client, DescribeAclsRequest(ANY, None, ANY, None, None, ANY, ANY))
    if for_code(answer.error_code) is SecurityDisabled:
        raise Rejected("no-access-rules", "these brokers check no access rules: set authorizer.class.name on each")
    _check(answer.error_code, answer.error_message)
    return [(kind, name, match, *entry) for kind, name, match, acls in answer.resources for entry in acls]


async def _until(client: AIOKafkaClient, holds: Callable[[list[_Entry]], bool]) -> None:
    """Wait until a broker has heard of what another has written down."""
    async with asyncio.timeout(_REQUEST_MS / 1000):
        while not holds(await _entries(client)):  # noqa: ASYNC110 - Kafka tells nobody
            await asyncio.sleep(_LOOK_S)


async def _send(client: AIOKafkaClient, request: Any) -> Any:
    return await client.send(client.get_random_node(), request)


def _fields(rule: Rule) -> _Entry:
    return (rule.kind, rule.name, rule.match, rule.principal, EVERY_HOST, rule.operation, ALLOW)


def _rule(kind: int, name: str, match: int, principal: str, host: str, operation: int, permission: int) -> Rule | None:
    """Give a rule of the brokers in our form, or None where we make none of that form."""
    if host != EVERY_HOST or permission != ALLOW or operation not in _OURS or match not in _MATCHES:
        return None
    return Rule(principal=principal, kind=Kind(kind), name=name, match=Match(match), operation=Operation(operation))


def _covers(match: int, name: str, topics: Iterable[str]) -> bool:
    return name == "*" if match == Match.LITERAL else any(topic.startswith(name) for topic in topics)


_KINDS: Final = {2: "topic", 3: "group", 4: "cluster", 5: "transactional id"}
_OPERATIONS: Final = {
    2: "do everything with",
    3: "read",
    4: "write",
    5: "create",
    6: "delete",
    7: "alter",
    8: "describe",
    10: "describe the settings of",
    11: "alter the settings of",
}


def _words(kind: int, name: str, match: int, principal: str, host: str, operation: int, permission: int) -> str:
    may = "may" if permission == ALLOW else "may not"
    begin = "s that begin with" if match == Match.PREFIXED else ""
    what = _OPERATIONS.get(operation, f"do operation {operation} with")
    where = "" if host == EVERY_HOST else f" from {host}"
    return f"{principal} {may} {what} {_KINDS.get(kind, 'resource')}{begin} {name}{where}"


def _check(code: int, said: str | None) -> None:
    error = for_code(code)
    if error is not NoError:
        raise error(said or error.description)

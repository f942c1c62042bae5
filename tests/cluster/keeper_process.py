"""A keeper as a process of its own, that kills or freezes itself at a point it was told: `keeping.Process` starts it.

The points lie where a process that dies leaves something half done: between what is done outside and what is written
down about it.
"""

import itertools
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from alerts.channels import Message, Receipt
from alerts.channels.outbox import Outbox
from streams.cluster.access import Access, bootstrap
from streams.cluster.deadlines import Deadlines
from streams.cluster.keeper import Duty, Keeper, run_until_signal
from streams.cluster.relay import Relay
from streams.cluster.sending import Sending
from tests.cluster.keeping import Plan

PLAN = msgspec.json.decode(sys.argv[1], type=Plan)
TIMES = itertools.count(1)


def at(point: str) -> None:
    """Pass a point."""
    if point == PLAN.point and next(TIMES) == PLAN.at:
        os.kill(os.getpid(), getattr(signal, f"SIG{PLAN.fault}"))


class FaultyRelay(Relay):
    def _forget(self, offsets: Sequence[int]) -> None:
        at("acknowledged")
        super()._forget(offsets)
        at("forgotten")

    def _send(self, *args: Any) -> "Future[None]":
        at("packed")
        sent = super()._send(*args)
        at("handed to Kafka")
        return sent


class FaultyCarrier:
    name = "sms"

    def __init__(self, path: Path) -> None:
        self._file = Outbox(path)

    async def send(self, message: Message) -> Receipt:
        at("taken")
        receipt = await self._file.send(message)
        at("with the carrier")
        return receipt


def duty(name: str) -> Duty:
    if name == "relay":
        return FaultyRelay(PLAN.database, Access(bootstrap=bootstrap(PLAN.bootstrap), prefix=PLAN.prefix))
    if name == "sending":
        return Sending(PLAN.database, {"sms": FaultyCarrier(Path(PLAN.sent))})
    return Deadlines(PLAN.database)


run_until_signal(Keeper(PLAN.database, [duty(name) for name in PLAN.duties], holder=uuid4().hex, ttl_s=PLAN.ttl_s))

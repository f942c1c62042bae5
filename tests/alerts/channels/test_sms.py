"""Africa's Talking over a real socket: what is sent, and what each answer means."""

import asyncio
import json
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

import pytest

from alerts.channels import Channel, Message, Receipt
from alerts.channels.sms import AfricasTalking, Unsure

MESSAGE = Message(
    id="m1",
    to="+254700000001",
    text="4F Mafuriko & moto: jibu NDIYO 4F \u00e9",
    language="sw",
    kind="ask",
    urgency="high",
)
Handler = Callable[[Reader, Writer], Awaitable[None]]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


async def request(reader: Reader) -> tuple[str, dict[str, str], str]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return first, headers, body.decode()


async def answer(writer: Writer, status: int, body: str) -> None:
    data = body.encode()
    writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode() + data)
    await writer.drain()
    writer.close()


def said(status_code: int, status: str = "x", message_id: str = "ATXid_1") -> str:
    recipient = {"statusCode": status_code, "number": MESSAGE.to, "cost": "KES 0.8", "status": status}
    return json.dumps(
        {"SMSMessageData": {"Message": "Sent to 1/1", "Recipients": [{**recipient, "messageId": message_id}]}}
    )


@asynccontextmanager
async def gateway(handler: Handler, sender: str | None = None, answer_s: float = 5.0) -> AsyncIterator[AfricasTalking]:
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}/version1/messaging"
    channel = AfricasTalking(url=url, username="kisumu", api_key="the-key", sender=sender, answer_s=answer_s)
    try:
        yield channel
    finally:
        await channel.aclose()
        server.close()
        await server.wait_closed()


def answering(status: int, body: str) -> Handler:
    async def handle(reader: Reader, writer: Writer) -> None:
        await request(reader)
        await answer(writer, status, body)

    return handle


async def test_one_form_is_posted_with_the_key_in_its_header() -> None:
    seen: list[tuple[str, dict[str, str], str]] = []

    async def handle(reader: Reader, writer: Writer) -> None:
        seen.append(await request(reader))
        await answer(writer, 201, said(101, "Success"))

    async with gateway(handle, sender="KISUMU") as channel:
        port: Channel = channel
        receipt = await port.send(MESSAGE)
    assert receipt == Receipt(state="sent", provider_id="ATXid_1", detail="Success")
    ((first, headers, body),) = seen
    assert first == "POST /version1/messaging HTTP/1.1"
    assert headers["apikey"] == "the-key"
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(body, strict_parsing=True) == {
        "username": ["kisumu"],
        "bulkSMSMode": ["1"],
        "from": ["KISUMU"],
        "to": [MESSAGE.to],
        "message": [MESSAGE.text],
    }


@pytest.mark.parametrize(
    ("code", "state", "retry"),
    [
        (100, "queued", False),
        (101, "sent", False),
        (102, "queued", False),
        (401, "failed", False),
        (402, "failed", False),
        (403, "failed", False),
        (404, "failed", False),
        (405, "failed", True),
        (406, "failed", False),
        (407, "failed", True),
        (409, "failed", False),
        (500, "failed", True),
        (501, "failed", True),
        (502, "failed", False),
        (999, "failed", False),
    ],
)
async def test_a_recipients_own_status_decides(code: int, state: str, retry: bool) -> None:
    async with gateway(answering(201, said(code))) as channel:
        receipt = await channel.send(MESSAGE)
    assert (receipt.state, receipt.retry) == (state, retry)
    assert receipt.detail
    assert MESSAGE.to not in receipt.detail


@pytest.mark.parametrize(
    ("status", "retry"), [(400, False), (401, False), (404, False), (302, False), (429, True), (503, True)]
)
async def test_a_refusal_of_the_whole_request_is_certain(status: int, retry: bool) -> None:
    async with gateway(answering(status, "The supplied authentication is invalid")) as channel:
        receipt = await channel.send(MESSAGE)
    assert (receipt.state, receipt.retry) == ("failed", retry)


async def test_a_message_nobody_was_listed_for_failed_for_the_reason_given() -> None:
    body = json.dumps({"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}})
    async with gateway(answering(201, body)) as channel:
        assert await channel.send(MESSAGE) == Receipt(state="failed", detail="InvalidSenderId")


async def test_a_provider_id_that_is_none_is_none() -> None:
    async with gateway(answering(201, said(403, message_id="None"))) as channel:
        assert (await channel.send(MESSAGE)).provider_id == ""


@pytest.mark.parametrize(
    "body", ["<html>", "", "{}", '{"SMSMessageData": {"Recipients": [{}]}}', said(101).replace("[{", "[{}, {")]
)
async def test_an_answer_that_makes_no_sense_leaves_doubt(body: str) -> None:
    async with gateway(answering(201, body)) as channel:
        with pytest.raises(Unsure):
            await channel.send(MESSAGE)


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_failure_behind_the_gateway_leaves_doubt(status: int) -> None:
    async with gateway(answering(status, "")) as channel:
        with pytest.raises(Unsure):
            await channel.send(MESSAGE)


async def test_a_line_that_breaks_or_stays_silent_after_the_hand_over_leaves_doubt() -> None:
    async def hang_up(reader: Reader, writer: Writer) -> None:
        await request(reader)
        writer.close()

    done = asyncio.Event()

    async def stay_silent(reader: Reader, writer: Writer) -> None:
        await request(reader)
        await done.wait()
        writer.close()

    for handler in (hang_up, stay_silent):
        async with gateway(handler, answer_s=0.05) as channel:
            with pytest.raises(Unsure):
                await channel.send(MESSAGE)
            done.set()


async def test_without_a_connection_nothing_was_sent_and_it_may_be_tried_again() -> None:
    async with gateway(answering(201, said(101))) as channel:
        url = channel._url
    closed = AfricasTalking(url=url, username="kisumu", api_key="k")
    receipt = await closed.send(MESSAGE)
    await closed.aclose()
    assert (receipt.state, receipt.retry) == ("failed", True)


async def test_an_address_that_is_none_is_not_tried_again() -> None:
    channel = AfricasTalking(url="gopher://kisumu", username="kisumu", api_key="k")
    receipt = await channel.send(MESSAGE)
    await channel.aclose()
    assert (receipt.state, receipt.retry) == ("failed", False)


async def test_messages_side_by_side_get_their_own_receipts() -> None:
    async def handle(reader: Reader, writer: Writer) -> None:
        _, _, body = await request(reader)
        await answer(writer, 201, said(101, message_id="id-" + parse_qs(body)["to"][0]))

    async with gateway(handle) as channel:
        many = [Message(id=str(n), to=f"+2547{n:08d}", text="x", language="en", kind="warning") for n in range(50)]
        receipts = await asyncio.gather(*map(channel.send, many))
    assert [receipt.provider_id for receipt in receipts] == [f"id-{message.to}" for message in many]

"""SMS through Africa's Talking: one form POST a message, its answer told as a receipt.

Source: the provider's page on sending SMS (developers.africastalking.com, "Sending"): fields username, to, message,
from, bulkSMSMode; header apiKey; the answer lists each recipient with a status code of its own, and HTTP 201 says
nothing of them. Delivery comes later, by callback, under `messageId`.
"""

from typing import Final, Literal

import httpx
import msgspec

from alerts.channels import Message, Receipt

_STATES: Final[dict[int, Literal["queued", "sent"]]] = {100: "queued", 101: "sent", 102: "queued"}
"""Processed, sent, queued."""
_FAILURES: Final[dict[int, tuple[str, bool]]] = {
    401: ("held by the provider as a risk", False),
    402: ("the sender name is not registered", False),
    403: ("not a phone number", False),
    404: ("this kind of number cannot be reached", False),
    405: ("the account's balance is used up", True),
    406: ("the recipient has opted out", False),
    407: ("no route to the number's network", True),
    409: ("the recipient's network is set to do-not-disturb", False),
    500: ("the provider failed", True),
    501: ("the network's gateway failed", True),
    502: ("the network rejected it", False),
}
"""What a recipient's status code means, and whether another attempt can fare better."""
_BUSY: Final = frozenset({429, 503})
_CONNECT_S: Final = 5.0
_ANSWER_S: Final = 20.0
_IDLE_S: Final = 4.0
"""Connections idle for longer are not used again: one that breaks under a message leaves it in doubt."""


class Unsure(RuntimeError):
    """Say that a message may or may not have gone out: the line broke, or the answer made no sense."""


class _Recipient(msgspec.Struct, rename="camel"):
    status_code: int
    status: str = ""
    message_id: str = ""


class _Data(msgspec.Struct):
    message: str = msgspec.field(name="Message", default="")
    recipients: list[_Recipient] = msgspec.field(name="Recipients", default_factory=list)


class _Answer(msgspec.Struct):
    data: _Data = msgspec.field(name="SMSMessageData")


class AfricasTalking:
    """Sends through one account; `url` is the full address of its messaging endpoint, `sender` a name or short code."""

    name = "sms"

    def __init__(
        self,
        *,
        url: str,
        username: str,
        api_key: str,
        sender: str | None = None,
        answer_s: float = _ANSWER_S,
    ) -> None:
        self._url = url
        self._form = {"username": username, "bulkSMSMode": "1"} | ({"from": sender} if sender else {})
        self._client = httpx.AsyncClient(
            headers={"apiKey": api_key, "Accept": "application/json"},
            timeout=httpx.Timeout(answer_s, connect=_CONNECT_S),
            limits=httpx.Limits(max_connections=20, keepalive_expiry=_IDLE_S),
            follow_redirects=False,
        )

    async def send(self, message: Message) -> Receipt:
        """Hand over one message; raises `Unsure` when it may or may not have gone out."""
        form = {**self._form, "to": message.to, "message": message.text}
        try:
            answer = await self._client.post(self._url, data=form)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            # Nothing was handed over yet.
            return Receipt(state="failed", detail=f"no connection: {type(error).__name__}", retry=True)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            return Receipt(state="failed", detail=f"the gateway's address is not one: {error}", retry=False)
        except httpx.TransportError as error:
            raise Unsure(f"the line broke after the message was handed over: {type(error).__name__}") from error
        return _receipt(answer)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _receipt(answer: httpx.Response) -> Receipt:
    """Tell what an answer means for the one recipient there was."""
    status = answer.status_code
    if status in _BUSY:
        return Receipt(state="failed", detail=f"the provider is busy (HTTP {status})", retry=True)
    if status >= 500:
        raise Unsure(f"the provider answered HTTP {status}")
    if status >= 300:
        return Receipt(state="failed", detail=f"refused with HTTP {status}: {answer.text[:200]}", retry=False)
    try:
        data = msgspec.json.decode(answer.content, type=_Answer).data
    except msgspec.MsgspecError as error:
        raise Unsure(f"HTTP {status} with an answer that makes no sense: {error}") from error
    if len(data.recipients) != 1:
        # With nobody listed the message was refused as a whole, and Message says why.
        if not data.recipients:
            return Receipt(state="failed", detail=data.message[:200] or "no recipient was taken", retry=False)
        raise Unsure(f"the provider lists {len(data.recipients)} recipients for one message")
    recipient = data.recipients[0]
    code = recipient.status_code
    if code in _STATES:
        return Receipt(state=_STATES[code], provider_id=_id(recipient), detail=recipient.status)
    why, retry = _FAILURES.get(code, (recipient.status or "refused", False))
    return Receipt(state="failed", provider_id=_id(recipient), detail=f"{why} ({code})", retry=retry)


def _id(recipient: _Recipient) -> str:
    return "" if recipient.message_id in {"None", ""} else recipient.message_id

"""The channels by which messages leave the house, as the settings name them; `streams.effects` uses them."""

from alerts.channels import Channel
from alerts.channels.outbox import Outbox
from alerts.channels.sms import AfricasTalking
from responder_api.settings import Settings


def channels(settings: Settings) -> dict[str, Channel]:
    """Make the channels, by name; where no SMS gateway is set up, messages are kept in a file and none is sent."""
    if settings.sms_url is None or settings.sms_username is None or settings.sms_api_key is None:
        return {"sms": Outbox(settings.data / "outbox.jsonl")}
    sms = AfricasTalking(
        url=settings.sms_url,
        username=settings.sms_username,
        api_key=settings.sms_api_key,
        sender=settings.sms_sender,
    )
    return {"sms": sms}

"""What is shown of people: who can be asked, and who is at the scene of an incident. Part of `documents`."""

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import UNSET
from msgspec import UnsetType as Unset

from streams.events import LeftFor

PresenceState = Literal["inside", "left"]


class Responder(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can be asked: who they are, whether on shift, where they last were."""

    id: str
    key: str
    """Area path of the county."""
    name: str
    title: str | Unset = UNSET
    organisation: str | Unset = UNSET
    phone: str | Unset = UNSET
    skills: list[str] | Unset = UNSET
    home: str
    """Area path of the home ward (or wider)."""
    languages: list[str] | Unset = UNSET
    has_app: bool
    active: bool
    """Still on the county's list."""
    on_shift: bool
    shift_at: datetime | Unset = UNSET
    home_lon: float | Unset = UNSET
    home_lat: float | Unset = UNSET
    """Where they are posted, by their entry on the list."""
    lon: float | Unset = UNSET
    lat: float | Unset = UNSET
    """Where they are, only while on shift: what they shared at `fix_at`, or their post where there is none."""
    accuracy_m: float | Unset = UNSET
    fix_at: datetime | Unset = UNSET


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody is at the scene of an incident, or was, by the positions they share: asked to go there or not.

    Only the operators who see the incident hear of it, and the person. It changes no assignment.
    """

    id: str
    """The responder's id, `@` and the incident's: one for each of the two, the last visit."""
    state: PresenceState
    incident: str
    responder: str
    """Id of the responder, as in the county's list."""
    name: str
    title: str | Unset = UNSET
    since: datetime
    """When they came, this time."""
    dwelt_at: datetime | Unset = UNSET
    """When they had stayed long enough not to be only passing through."""
    left_at: datetime | Unset = UNSET
    reason: LeftFor | Unset = UNSET
    """Why they are not there any more: they went (`moved`), or the scene or their shift did."""
    origin: str | Unset = UNSET
    """The systems it was mirrored through, its first writer first, with `/` between them; there it is decided."""

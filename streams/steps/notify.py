"""What leaves the house: which message, to whom, by which channel, in which words.

Last step of both roads. A responder with the app sees an ask through the live socket at once and gets a text message
only if no device showed it within twenty seconds; one without gets the text at once. As soon as an ask is over, a
message about it that has not left is recalled, and one that has is followed by a stand-down. A citizen who wrote gets
one receipt with a reference, or one question where it is, and what an operator asks. Warnings go to the ward's
officials. Next: `streams.effects`.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import msgspec

from alerts import wording
from alerts.lexicon import tokens
from alerts.pages import pages
from alerts.phrases import Language
from streams.events import (
    AnswerRefused,
    AssignmentAccepted,
    AssignmentDeclined,
    AssignmentExpired,
    AssignmentOffered,
    AssignmentSeen,
    AssignmentWithdrawn,
    DeadlineReached,
    DeadlineSet,
    Event,
    Fact,
    MessageAsked,
    MessageRecalled,
    QuestionAsked,
    ReportLocated,
    ReportUnlocated,
    ResponderEnrolled,
    WarningAddressed,
    audience,
    derive,
)
from streams.reference import reference
from streams.state import State
from streams.world import World

APP_FIRST_S = 20
"""How long the app has before the text message follows, in seconds."""
OFFICIALS = ("ward-admin", "chief")
"""Skills of those who pass a warning on in a ward."""
RECEIPT_S = 24 * 3600
STAND_DOWN_S = 3600
REFUSAL_S = 1800
WARNING_S = 6 * 3600
_SWAHILI = """
na ya wa kwa ni tuko mafuriko maji msaada tafadhali karibu hapa yetu watu moto saidia hii nyumba mengi sana tusaidie
haraka
nisaidie saidieni watoto mtu wamenaswa nyumbani barabara ajali mto umefurika jamani wetu sisi hakuna
"""
SWAHILI = frozenset(_SWAHILI.split())
"""Two of these in a text and it is answered in Swahili."""
REASONS = {"assignment-taken": "taken", "incident-closed": "closed", "already-done": "closed"}


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """How a responder is reached."""

    phone: str
    languages: tuple[str, ...]
    has_app: bool
    home: str
    official: bool


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """An ask that is open: what its message says, and the message once there is one."""

    offered: AssignmentOffered
    message: str = ""
    seen: bool = False


class Officials(msgspec.Struct, frozen=True):
    """Responders who pass warnings on in one ward."""

    ids: tuple[str, ...] = ()


class Told(msgspec.Struct, frozen=True):
    """An ask that is over and of which a text message spoke, by this code."""

    code: str


class Written(msgspec.Struct, frozen=True):
    """What a report's sender was told last: a question where it is, or the receipt, after which nothing follows."""

    kind: str


def notify(world: World, state: State, event: Event) -> Iterator[Fact]:
    """Turn what happened into messages; recall those that came too late."""
    match event.body:
        case ResponderEnrolled() as body:
            _enrol(state, body)
        case AssignmentOffered() as body:
            yield from _offered(state, event, body)
        case AssignmentSeen() as body:
            ask = state.get(f"ask/{body.assignment}", Ask)
            if ask is not None:
                state.put(f"ask/{body.assignment}", msgspec.structs.replace(ask, seen=True))
        case DeadlineReached(step="notify") as body:
            ask = state.get(f"ask/{body.about}", Ask)
            if ask is not None and not ask.message and not ask.seen:
                yield from _text(state, event, ask.offered)
        case AssignmentAccepted() | AssignmentDeclined() | AssignmentExpired() as body:
            yield from _over(state, event, body.assignment)
        case AssignmentWithdrawn() as body:
            yield from _withdrawn(state, event, body)
        case AnswerRefused(via="sms") as body:
            yield from _refused(state, event, body)
        case ReportLocated(channel="sms") | ReportUnlocated(channel="sms") | QuestionAsked() as body:
            yield from _to_citizen(world, state, event, body)
        case WarningAddressed() as body:
            yield from _warn(world, state, event, body)
        case _:
            pass


def _enrol(state: State, body: ResponderEnrolled) -> None:
    before = state.get(f"contact/{body.responder}", Contact)
    if before is not None and before.official:
        _list(state, before.home, body.responder, listed=False)
    official = body.active and any(skill in OFFICIALS for skill in body.skills)
    contact = Contact(
        phone=body.phone, languages=body.languages, has_app=body.has_app, home=body.home, official=official
    )
    state.put(f"contact/{body.responder}", contact)
    if official:
        _list(state, body.home, body.responder, listed=True)


def _list(state: State, home: str, responder: str, *, listed: bool) -> None:
    found = state.get(f"officials/{home}", Officials) or Officials()
    others = tuple(id_ for id_ in found.ids if id_ != responder)
    state.put(f"officials/{home}", Officials((*others, responder) if listed else others))


def _message(
    event: Event, contact_id: str, to: str, kind: str, text: str, language: str, about: str, expires_s: float, area: str
) -> Fact:
    body = MessageAsked(
        message=derive(event.id, f"message/{kind}/{contact_id}/{about}", 0),
        kind=kind,  # type: ignore[arg-type]  # one of MessageAsked's kinds, from the callers below
        channel="sms",
        to=to,
        recipient=contact_id,
        text=text,
        language=language,
        about=about,
        pages=pages(text),
        expires=event.seen + timedelta(seconds=expires_s),
    )
    return Fact(body=body, audience=audience(area, "operator"), versions={"wording": wording.VERSION})


# --- asks --------------------------------------------------------------------------------------------------------


def _offered(state: State, event: Event, body: AssignmentOffered) -> Iterator[Fact]:
    contact = state.get(f"contact/{body.responder}", Contact)
    state.put(f"ask/{body.assignment}", Ask(offered=body))
    if contact is None or not contact.has_app:
        yield from _text(state, event, body)
        return
    due = event.seen + timedelta(seconds=APP_FIRST_S)
    later = DeadlineSet(step="notify", name="text-follows", about=body.assignment, due=due)
    yield Fact(body=later, audience=audience(body.ward, "operator"))


def _text(state: State, event: Event, body: AssignmentOffered) -> Iterator[Fact]:
    contact = state.get(f"contact/{body.responder}", Contact)
    if contact is None or not contact.phone:
        return
    language = wording.choose(contact.languages)
    left = max(1.0, (body.deadline - event.seen).total_seconds())
    text = wording.ask(
        language,
        code=body.code,
        hazard=body.hazard,
        severity=body.severity,
        place=body.ward_name,
        text=body.text,
        minutes=left / 60,
    )
    fact = _message(event, body.responder, contact.phone, "ask", text, language, body.assignment, left, body.ward)
    if isinstance(fact.body, MessageAsked):
        state.put(f"ask/{body.assignment}", Ask(offered=body, message=fact.body.message))
    yield fact


def _over(state: State, event: Event, assignment: str) -> Iterator[Fact]:
    ask = state.get(f"ask/{assignment}", Ask)
    if ask is None:
        return
    state.drop(f"ask/{assignment}")
    if ask.message:
        state.put(f"told/{assignment}", Told(ask.offered.code))
        recalled = MessageRecalled(message=ask.message, reason=type(event.body).__name__)
        yield Fact(body=recalled, audience=audience(ask.offered.ward, "operator"))


def _withdrawn(state: State, event: Event, body: AssignmentWithdrawn) -> Iterator[Fact]:
    ask = state.get(f"ask/{body.assignment}", Ask)
    told = state.get(f"told/{body.assignment}", Told)
    yield from _over(state, event, body.assignment)
    contact = state.get(f"contact/{body.responder}", Contact)
    code = ask.offered.code if ask is not None and ask.message else told.code if told is not None else ""
    if contact is None or not contact.phone or not code:
        return
    language = wording.choose(contact.languages)
    text = wording.stand_down(language, code=code, taken=body.ground == "taken")
    yield _message(
        event, body.responder, contact.phone, "stand-down", text, language, body.assignment, STAND_DOWN_S, contact.home
    )


def _refused(state: State, event: Event, body: AnswerRefused) -> Iterator[Fact]:
    contact = state.get(f"contact/{body.responder}", Contact)
    if contact is None or not contact.phone:
        return
    language = wording.choose(contact.languages)
    text = wording.answer_refused(language, code="", reason=REASONS.get(body.code, "unknown"))
    about = body.assignment or body.responder
    yield _message(
        event, body.responder, contact.phone, "answer-refused", text, language, about, REFUSAL_S, contact.home
    )


# --- citizens ----------------------------------------------------------------------------------------------------


def _to_citizen(
    world: World, state: State, event: Event, body: ReportLocated | ReportUnlocated | QuestionAsked
) -> Iterator[Fact]:
    if isinstance(body, QuestionAsked):
        yield _own_question(world, event, body)
    else:
        yield from _receipt(world, state, event, body)


def _receipt(world: World, state: State, event: Event, body: ReportLocated | ReportUnlocated) -> Iterator[Fact]:
    kind = "receipt" if isinstance(body, ReportLocated) else "question"
    told = state.get(f"written/{body.report}", Written)
    if not body.reporter.startswith("+") or (told is not None and told.kind in ("receipt", kind)):
        return
    state.put(f"written/{body.report}", Written(kind))
    language = _spoken(body.text, world.languages_of(event.key))
    number = reference(body.report)
    if isinstance(body, ReportLocated):
        area = body.ward
        text = wording.acknowledgement(language, reference=number, place=body.ward_name)
    else:
        area = event.key
        choices = [candidate.name for candidate in body.candidates[:4]] if len(body.candidates) > 1 else []
        text = wording.question(language, reference=number, choices=choices)
    yield _message(event, body.reporter, body.reporter, kind, text, language, body.report, RECEIPT_S, area)


def _own_question(world: World, event: Event, body: QuestionAsked) -> Fact:
    language = _spoken(body.question, world.languages_of(event.key))
    text = wording.own_question(language, reference=reference(body.report), question=body.question)
    asked = _message(event, body.to, body.to, "question", text, language, body.report, RECEIPT_S, event.key)
    return msgspec.structs.replace(asked, audience=event.audience)


def _spoken(text: str, languages: Sequence[str]) -> Language:
    words = set(tokens(text))
    if len(words & SWAHILI) >= 2:
        return "sw"
    return "en" if words else wording.choose(languages)


# --- warnings ----------------------------------------------------------------------------------------------------


def _warn(world: World, state: State, event: Event, body: WarningAddressed) -> Iterator[Fact]:
    county = next((world.wards.ward(row).county for row in world.wards.rows_in(event.key)), "")
    names = world.known_names(arrival.ward for arrival in body.wards) or [county or event.key]
    for arrival in body.wards:
        listed = state.get(f"officials/{arrival.ward}", Officials) or Officials()
        for responder in listed.ids:
            contact = state.get(f"contact/{responder}", Contact)
            if contact is None or not contact.phone:
                continue
            language = wording.choose(contact.languages)
            here = world.known_names([arrival.ward])
            if body.cap.msg_type == "Cancel":
                text = wording.over(language, hazard=body.hazard, places=names[:3], county=county)
            else:
                text = wording.warning(
                    language,
                    hazard=body.hazard,
                    severity=body.severity,
                    places=here,
                    county=county,
                    minutes=arrival.minutes or None,
                )
            yield _message(
                event, responder, contact.phone, "warning", text, language, body.alert, WARNING_S, arrival.ward
            )

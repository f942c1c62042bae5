"""Say in one line what changed, so that somebody who has never seen the system understands it. Pure.

You are between `feed`, which knows a document as it was and as it is, and the terminal. One function a kind says what a
document is about and what changed; `line` sets it in columns. The documents are those of `responder_api.projection`.
"""

from collections.abc import Callable, Iterator
from typing import Final

from responder_api.cli.feed import Change, Value
from responder_api.cli.paint import clean
from responder_api.cli.words import (
    View,
    about,
    because,
    between,
    clock,
    count,
    left,
    newest,
    number_of,
    quote,
    short,
    when,
    who,
)

_OPEN: Final = {
    "incident": ("open",),
    "assignment": ("offered", "accepted", "enroute", "arrived"),
    "alert": ("draft", "issued"),
    "report": ("received", "waiting"),
    "presence": ("inside",),
    "message": ("queued", "sending", "failed"),
    "deadletter": ("open",),
}
_TOLD: Final = frozenset({"state", "severity", "reports", "evidence", "asked", "going", "exhausted", "merged"})
"""What the sentence of an incident tells."""


def line(change: Change, view: View) -> str:
    """Give the line of a change: time, kind, number, and a sentence."""
    before: Value | None = clean(change.before)
    after: Value | None = clean(change.after)
    kind, paint = str(clean(change.kind)), view.paint
    style = kind if kind in ("incident", "assignment", "alert") else "kind"
    number = number_of(kind, change.id, after or before or {})
    head = f"{when(change.at or newest(after or {}), view)}  {paint(style, f'{kind.upper():<10}')}  {number:<7}  "
    if after is None:
        return head + paint("dim", "not yours to see any more")
    return head + sentence(kind, before, after, view)


def sentence(kind: str, before: Value | None, after: Value, view: View) -> str:
    """Say what a document is about and what changed (`before` None: not known here); the values must be clean."""
    if before:
        changed = {name for name in after.keys() | before.keys() if after.get(name) != before.get(name)}
        if changed and changed <= {"claim", "asked"}:
            what = quote(after.get("text")) if kind == "report" else about(after, view)
            return f"{what}: {', '.join(desk(after, name, view) for name in sorted(changed))}"
    return _SENTENCES.get(kind, _other)(before or {}, after, view)


def desk(value: Value, what: str, view: View) -> str:
    """Say what goes on about a document at the operators' desk: who works on it (`claim`), what was `asked` back."""
    if what == "asked":
        return f"its sender was asked {quote((value.get('asked') or {}).get('question'))}"
    claim = value.get("claim")
    if not claim:
        return "nobody works on it now"
    return f"{claim.get('by_name') or who(claim.get('by'))} works on it until {clock(claim['until'], view)}"


def is_open(kind: str, value: Value) -> bool:
    """Tell whether a document is something that still goes on: what a first picture shows line by line."""
    if kind == "gauge":
        return bool(value.get("mark"))
    if kind == "responder":
        return bool(value.get("on_shift"))
    return value.get("state") in _OPEN.get(kind, ())


# --- incidents and assignments -----------------------------------------------------------------------------------


def _incident(before: Value, after: Value, view: View) -> str:
    state, parts = after.get("state"), []
    if state == "closed":
        parts.append(f"closed by {who(after.get('closed_by'))}{because(after)}")
    elif state == "merged":
        parts.append(f"is part of {short(after.get('into'))} now{because(after)}")
    elif before.get("state") in ("closed", "merged"):
        parts.append(view.paint("strong", f"opened again by {who(after.get('reopened_by'))}"))
    elif not before and after.get("split_from") and not after.get("asked"):
        parts.append(view.paint("strong", f"new, split off {short(after['split_from'])}"))
    elif not before and after.get("reports") == 1 and not after.get("asked"):
        parts.append(view.paint("strong", "new"))
    parts += _merged(before, after)
    if before.get("severity", after.get("severity")) != after.get("severity"):
        parts.append(view.paint("strong", f"was {before['severity']}"))
    parts += _figures(before, after, view)
    wanting = ", ".join(after.get("exhausted") or ()) if state == "open" else ""
    if wanting and ", ".join(before.get("exhausted") or ()) != wanting:
        parts.append(view.paint("bad", f"nobody left to ask for {wanting}: an operator must act"))
    elif wanting:
        parts.append(view.paint("bad", f"still nobody for {wanting}"))
    if before and all(before.get(name) == after.get(name) for name in _TOLD):
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        parts.append(view.paint("dim", f"details ({', '.join(changed)})"))
    said = f" {view.paint('dim', quote(after['text']))}" if after.get("text") and not before else ""
    return f"{about(after, view)}: {', '.join(parts)}{said}"


def _merged(before: Value, after: Value) -> Iterator[str]:
    was, now = before.get("merged") or (), after.get("merged") or ()
    yield from (f"{short(id_)} is part of it" for id_ in now if id_ not in was)
    yield from (f"{short(id_)} is no part of it any more" for id_ in was if id_ not in now)


def _figures(before: Value, after: Value, view: View) -> Iterator[str]:
    reports = after.get("reports", 0)
    yield count(reports, "report") + _was("reports", before, after, view)
    if after.get("evidence") is not None:
        yield f"evidence {after['evidence']:.2f}{_was('evidence', before, after, view, '.2f')}"
    for name in ("asked", "going"):
        if after.get(name) or before.get(name):
            yield f"{after.get(name, 0)} {name}{_was(name, before, after, view)}"


def _was(name: str, before: Value, after: Value, view: View, form: str = "") -> str:
    old = before.get(name)
    if old is None or format(old, form) == format(after.get(name, 0), form):
        return ""
    return view.paint("strong", f" (was {old:{form}})")


def _assignment(before: Value, after: Value, view: View) -> str:
    return f"{about(after, view)}: {_asked(before, after, view)}"


def _asked(before: Value, after: Value, view: View) -> str:
    name, paint, state = who(after.get("responder_name") or after.get("responder")), view.paint, after.get("state")
    if before.get("incident", after.get("incident")) != after.get("incident"):
        return f"{name} goes to {short(after.get('incident'))} now, not to {short(before['incident'])}"
    if state == "offered":
        asked = "has the ask on the phone" if after.get("seen_at") else f"is asked to go{_as(after)}"
        return f"{name} {asked}; {paint('wait', left(after.get('deadline'), view))}"
    if state == "accepted":
        took = between(after.get("offered_at"), after.get("answered_at"))
        by = f" by {after['via']}" if after.get("via") else ""
        return f"{name} {paint('good', 'goes')}: said yes{by}{f' after {took}' if took else ''}"
    if state == "declined":
        return f"{name} {paint('bad', 'cannot go')}{because(after, 'answer_reason')}"
    if state == "expired":
        return f"{paint('bad', 'no answer')} from {name} in time"
    if state == "withdrawn":
        return f"{name} is not needed any more{because(after, 'answer_reason')}"
    words = {"enroute": "is on the way", "arrived": "is there", "done": "is done"}
    return f"{name} {paint('good', words.get(str(state), str(state)))}"


def _as(after: Value) -> str:
    need = after.get("need")
    parts = ["at an operator's request" if need == "requested" else f"as {need}"] if need else []
    if after.get("distance_m") is not None:
        parts.append(f"{after['distance_m'] / 1000:.1f} km away")
    if after.get("attempt", 1) > 1:
        parts.append(f"ask number {after['attempt']}")
    return f" {', '.join(parts)}" if parts else ""


# --- alerts ------------------------------------------------------------------------------------------------------


def _alert(before: Value, after: Value, view: View) -> str:
    infos = (after.get("cap") or {}).get("infos") or [{}]
    # Of several languages the one this program speaks.
    info = next((each for each in infos if str(each.get("language", "en")).startswith("en")), infos[0])
    severity = str(after.get("severity") or info.get("severity") or "Unknown")
    title = info.get("headline") or info.get("event") or after.get("hazard") or "alert"
    return f"{view.paint(severity, severity)} “{title}”: {_decided(before, after, info, view)}"


def _decided(before: Value, after: Value, info: Value, view: View) -> str:
    state, wards = after.get("state"), count(len(after.get("wards") or ()), "ward")
    confirmed = after.get("confirmed") or {}
    if state == "draft":
        waits = "draft, waits for approval" if after.get("needs_approval") else "draft"
        return f"{view.paint('wait', waits)}, for {wards}{because(after)}"
    if state == "issued":
        fresh = [ward for ward in confirmed if ward not in (before.get("confirmed") or {})] if before else []
        if fresh:
            told = f"passed on in {', '.join(fresh)} by {who(confirmed[fresh[0]].get('by'))}"
            return f"{view.paint('good', told)}, {len(confirmed)} of {wards} confirmed"
        until = f", in force until {clock(info['expires'], view)}" if info.get("expires") else ""
        by = f", approved by {who(after['approved_by'])}" if after.get("approved_by") else ""
        return f"{view.paint('strong', 'issued')}{by}, {len(confirmed)} of {wards} confirmed{until}"
    if state == "superseded":
        return f"followed by {short(after.get('followed_by'))}"
    by = f" by {who(after['by'])}" if after.get("by") else ""
    return f"{state}{by}{because(after)}"


# --- everything else ---------------------------------------------------------------------------------------------


def _report(before: Value, after: Value, view: View) -> str:
    state = after.get("state")
    if state == "located":
        sure = f"confidence {after.get('confidence', 0):.2f}"
        told = f"{about(after, view)}: placed by {after.get('how')}, {sure}"
    elif state == "waiting":
        told = view.paint("wait", f"waits for an operator: {after.get('detail') or after.get('code')}{_either(after)}")
    elif state == "repeated":
        told = f"says the same as {short(after.get('of'))}: {after.get('why')}"
    elif state == "dismissed":
        told = f"dismissed by {who(after.get('dismissed_by'))}{because(after)}"
    else:
        told = f"came in by {after.get('channel')}"
    joined = f", part of {short(after['incident'])}" if after.get("incident") else ""
    return f"{told}{joined} {view.paint('dim', quote(after.get('text')))}".rstrip()


def _either(after: Value) -> str:
    """Name the wards that a report's words may mean, with the numbers that `dharura send place --candidate` takes."""
    names = ", ".join(f"{number} {each.get('name')}" for number, each in enumerate(after.get("candidates") or (), 1))
    return f" ({names})" if names else ""


def _responder(before: Value, after: Value, view: View) -> str:
    title = f" ({after['title']})" if after.get("title") else ""
    shift = view.paint("good", "on shift") if after.get("on_shift") else "off shift"
    at = f", at {after['lon']:.4f}, {after['lat']:.4f}" if after.get("fix_at") and after.get("lon") is not None else ""
    return f"{who(after.get('name'))}{title}: {shift}{at}"


def _presence(before: Value, after: Value, view: View) -> str:
    name, incident = who(after.get("name")), short(after.get("incident"))
    if after.get("state") == "left":
        why = {"ended": ", which is over", "redrawn": ", which is elsewhere now", "off-shift": ": off shift"}
        return f"{name} is not at the scene of {incident} any more{why.get(str(after.get('reason')), '')}"
    stays = after.get("dwelt_at") and not before.get("dwelt_at")
    there = "stays" if stays else "is"
    since = f", since {clock(after['since'], view)}" if after.get("since") else ""
    return f"{name} {view.paint('good', there)} at the scene of {incident}{since}"


def _gauge(before: Value, after: Value, view: View) -> str:
    parts = []
    if after.get("level") is not None:
        rate = f" ({after['rate_per_hour']:+.2f} an hour)" if after.get("rate_per_hour") else ""
        parts.append(f"{after['level']:g} {after.get('unit', '')}{rate}")
    if after.get("mark"):
        parts.append(view.paint("bad", f"above its {after['mark']} mark"))
    elif before.get("mark"):
        parts.append(view.paint("good", f"no longer above its {before['mark']} mark"))
    if after.get("flagged") and after.get("flags"):
        parts.append(view.paint("wait", f"{after['flagged']} not believed ({after['flags'][0].get('flag')})"))
    return f"{after.get('name') or after.get('id')}: {', '.join(parts) or 'heard from'}"


def _message(before: Value, after: Value, view: View) -> str:
    to = f"{after.get('kind')} by {after.get('channel')} to {who(after.get('recipient') or after.get('to'))}"
    why = f": {after['code']} {after.get('detail', '')}".rstrip() if after.get("code") else ""
    return f"{to}: {after.get('state')}{why} {view.paint('dim', quote(after.get('text')))}".rstrip()


def _deadletter(before: Value, after: Value, view: View) -> str:
    if after.get("state") == "replayed":
        return f"{after.get('step')} has it again, from {who(after.get('replayed_by'))}"
    if after.get("state") == "dismissed":
        return f"dismissed by {who(after.get('dismissed_by'))}{because(after)}"
    what = f"{after.get('step') or after.get('topic')} could not take it"
    return f"{view.paint('bad', what)}: {after.get('code')}: {after.get('detail')}"


def _other(before: Value, after: Value, view: View) -> str:
    return str(after.get("state") or after.get("name") or "changed")


_SENTENCES: Final[dict[str, Callable[[Value, Value, View], str]]] = {
    "incident": _incident,
    "assignment": _assignment,
    "alert": _alert,
    "report": _report,
    "responder": _responder,
    "presence": _presence,
    "gauge": _gauge,
    "message": _message,
    "deadletter": _deadletter,
}

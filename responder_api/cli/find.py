"""Find what a person means: the newest ask, the ask with this code, the incident or alert with this short number.

You are under `sayings`. Lists come from the same routes as everybody's, so only what the person may see is found.
"""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

from responder_api.cli.client import Signed
from responder_api.cli.trouble import Problem, Trouble
from responder_api.cli.words import short

Value = dict[str, Any]

BEFORE: Final = {
    "accept": ("offered",),
    "decline": ("offered", "accepted", "enroute"),
    "enroute": ("accepted",),
    "arrived": ("enroute", "accepted"),
    "done": ("arrived", "enroute", "accepted"),
}
"""The states in which an assignment can be given each answer, the likeliest first."""


class Unfound(Trouble):
    """Nothing that the person can see is called so."""


def assignment_of(who: Signed, answer: str, id_: str | None, code: str | None) -> Value:
    """Find the assignment that an answer is for: by id, by code, or the newest of one's own that can be so answered."""
    if id_ is not None:
        return _one(who, "/assignments", id_, "assignment")
    states = BEFORE[answer]
    if code is not None:
        code = code.strip().upper()
        found = [each for state in states for each in listed(who, "/assignments", state) if each.get("code") == code]
        if len(found) > 1:
            names = ", ".join(f"{each['responder_name']}: --assignment {each['id']}" for each in found)
            raise Trouble(f"Several people have an open ask with the code {code}: {names}")
        if not found:
            raise Trouble(f"No ask with the code {code} is open for you to answer with {answer}.")
        return found[0]
    me = responder_of(who)
    for state in states:
        own = [each for each in listed(who, "/assignments", state) if each.get("responder") == me]
        if own:
            return max(own, key=lambda each: str(each.get("offered_at")))
    raise Trouble(f"You have no ask that could be answered with {answer} (looked for: {', '.join(states)}).")


def responder_of(who: Signed) -> str:
    """Give the responder that the signed-in account is; Trouble when it is none."""
    account = who.ask("GET", "/me")["account"]
    if not account.get("person"):
        raise Trouble(
            f"{account['display_name']} is no responder: say which you mean (--code or --assignment, --responder)."
        )
    return str(account["person"])


def by_number(who: Signed, path: str, kind: str, text: str) -> Value:
    """Find an incident or alert by its id, its short number (K7Q-2MF), or the beginning of its id."""
    try:
        return _one(who, path, text, kind)
    except Problem as problem:
        if problem.code != "not-found":
            raise
    wanted = text.strip()
    numbers = [each for each in listed(who, path) if _is_called(each, wanted)]
    if len(numbers) == 1:
        return numbers[0]
    if not numbers:
        raise Unfound(f"There is no {kind} called {wanted} that you can see.")
    raise Trouble(f"There is more than one {kind} called {wanted} that you can see.")


def by_any_number(who: Signed, text: str) -> tuple[str, Value]:
    """Find a report, an incident or an alert by its id or short number; gives which of them it is too."""
    for kind in ("report", "incident", "alert"):
        try:
            return kind, by_number(who, f"/{kind}s", kind, text)
        except Unfound:
            continue
    raise Unfound(f"There is no report, incident or alert called {text.strip()} that you can see.")


def _is_called(value: Value, text: str) -> bool:
    numbers = {str(value.get("reference") or "").upper(), short(value["id"]).upper()}
    return text.upper() in numbers or (len(text) >= 6 and str(value["id"]).startswith(text))


def listed(who: Signed, path: str, state: str | None = None) -> Iterator[Value]:
    """Give every document of a list, page by page."""
    after: str | None = None
    while True:
        query = {"limit": "1000"} | ({"state": state} if state else {}) | ({"after": after} if after else {})
        page = who.ask("GET", path, query=query)
        yield from page["items"]
        after = page["next"]
        if after is None:
            return


def _one(who: Signed, path: str, id_: str, kind: str) -> Value:
    found: Value = who.ask("GET", f"{path}/{quote(id_, safe='')}")
    return found

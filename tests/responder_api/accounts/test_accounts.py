import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places import Rejected
from responder_api.accounts import Account, check_password, normal_name
from responder_api.accounts_sqlite import SqliteAccounts
from responder_api.routes import accounts, sessions

Door = Any
PASSWORD = "kiboko anaogelea usiku"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def grants(*roles: str) -> list[dict[str, str]]:
    return [dict(zip(("role", "area"), role.split("@"), strict=True)) for role in roles]


async def patch(door: Door, by: str, account: str, **changes: Any) -> Any:
    return await door.client.patch(f"/accounts/{account}", json=changes, headers=bearer(by))


async def admin_of(door: Door, root: str, area: str, name: str = "chief") -> str:
    await door.make(root, name, f"admin@{area}")
    return str(await door.token(name))


async def test_an_account_is_made_and_signs_in(door: Door) -> None:
    root = (await door.begin())["access_token"]
    made = await door.make(root, "Asha", "operator@KE.042", "operator@KE.042", person=None)
    assert (made["name"], made["version"], made["roles"]) == ("asha", 1, grants("operator@KE.042"))
    assert "password" not in str(made)
    token = await door.token("asha")
    assert (await door.client.get("/operators", headers=bearer(token))).status_code == 200
    assert (await door.client.get("/kisumu", headers=bearer(token))).status_code == 200
    assert (await door.client.get("/accounts", headers=bearer(token))).json()["code"] == "forbidden"


@pytest.mark.parametrize("role", ["operator@KE.042", "responder@KE.042.238.1189", "agency@KE"])
async def test_only_administrators_keep_accounts(door: Door, role: str) -> None:
    root = (await door.begin())["access_token"]
    made = await door.make(root, "asha", role)
    token = await door.token("asha")
    body = {"name": "x1", "display_name": "x", "password": PASSWORD, "roles": grants("admin@KE")}
    for method, path, sent in [
        ("GET", "/accounts", None),
        ("GET", f"/accounts/{made['id']}", None),
        ("POST", "/accounts", body),
        ("PATCH", f"/accounts/{made['id']}", {"roles": grants("admin@KE")}),
        ("POST", "/signing-keys", {}),
    ]:
        refused = await door.client.request(method, path, json=sent, headers=bearer(token))
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), path
    assert {account.name: account.version for account in await door.store.all()} == {"asha": 1, "root": 1}


AREAS = ["KE", "KE.042", "KE.042.238", "KE.042.238.1189", "KE.043", "KE.043.250", "KE.004"]


def lies_in(area: str, over: str) -> bool:
    return area.split(".")[: len(over.split("."))] == over.split(".")


@pytest.mark.parametrize("over", AREAS[1:])
async def test_an_administrator_reaches_exactly_their_own_area(door: Door, over: str) -> None:
    root = (await door.begin())["access_token"]
    victims = {area: (await door.make(root, f"v{n}", f"operator@{area}"))["id"] for n, area in enumerate(AREAS)}
    chief = await admin_of(door, root, over)
    before = {account.id: account for account in await door.store.all()}
    listed = {account["name"] for account in (await door.client.get("/accounts", headers=bearer(chief))).json()}
    assert listed == {"chief"} | {f"v{n}" for n, area in enumerate(AREAS) if lies_in(area, over)}
    unknown = await door.client.get("/accounts/no-such-account", headers=bearer(chief))
    for n, (area, account) in enumerate(victims.items()):
        inside = lies_in(area, over)
        read = await door.client.get(f"/accounts/{account}", headers=bearer(chief))
        assert read.status_code == (200 if inside else 404)
        made = await door.client.post(
            "/accounts",
            json={"name": f"n{n}", "display_name": "x", "password": PASSWORD, "roles": grants(f"operator@{area}")},
            headers=bearer(chief),
        )
        assert made.status_code == (201 if inside else 403)
        for changes in ({"password": "mamba analala mchana"}, {"disabled": True}, {"display_name": "y"}):
            changed = await patch(door, chief, account, **changes)
            assert changed.status_code == (200 if inside else 404)
            if not inside:
                told = {key: value for key, value in changed.json().items() if key != "instance"}
                assert told == {key: value for key, value in unknown.json().items() if key != "instance"}
    after = {account.id: account for account in await door.store.all()}
    for area, account in victims.items():
        assert (after[account] == before[account]) == (not lies_in(area, over))


async def test_an_account_that_reaches_further_can_be_seen_but_not_changed(door: Door) -> None:
    root = (await door.begin())["access_token"]
    both = await door.make(root, "both", "operator@KE.042", "operator@KE.043")
    chief = await admin_of(door, root, "KE.042")
    assert (await door.client.get(f"/accounts/{both['id']}", headers=bearer(chief))).status_code == 200
    for changes in (
        {"password": "mamba analala mchana"},
        {"disabled": True},
        {"roles": grants("operator@KE.042")},
        {"display_name": "y"},
        {"person": None},
    ):
        refused = await patch(door, chief, both["id"], **changes)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (await door.store.get(both["id"])).version == 1
    await door.sign_in("both")


@pytest.mark.parametrize("role", ["admin@KE", "admin@KE.043", "operator@KE", "operator@KE.0421"])
async def test_nobody_hands_out_more_than_they_have(door: Door, role: str) -> None:
    root = (await door.begin())["access_token"]
    chief = await admin_of(door, root, "KE.042")
    own = (await door.store.find("chief"))[0]
    for response in (
        await patch(door, chief, own.id, roles=[*grants("admin@KE.042"), *grants(role)]),
        await door.client.post(
            "/accounts",
            json={"name": "x1", "display_name": "x", "password": PASSWORD, "roles": grants(role)},
            headers=bearer(chief),
        ),
    ):
        assert response.status_code in (403, 422)
    assert (await door.store.get(own.id)) == own
    assert len(await door.store.all()) == 2


@pytest.mark.parametrize(
    "extra", ["id", "version", "created_at", "changed_at", "verified", "county", "role", "password_hash", "__proto__"]
)
async def test_what_is_not_listed_cannot_be_set(door: Door, extra: str) -> None:
    root = (await door.begin())["access_token"]
    made = await door.make(root, "asha", "operator@KE.042")
    before = await door.store.all()
    body = {"name": "x1", "display_name": "x", "password": PASSWORD, "roles": grants("operator@KE.042"), extra: 7}
    for response in (
        await door.client.post("/accounts", json=body, headers=bearer(root)),
        await patch(door, root, made["id"], **{"display_name": "new", extra: 7}),
        await door.client.post("/signing-keys", json={extra: 7}, headers=bearer(root)),
        await patch(door, root, made["id"], roles=[{"role": "operator", "area": "KE.042", extra: 7}]),
    ):
        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"].endswith(f"/{extra}")
    assert await door.store.all() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"roles": []},
        {"roles": [{"role": "king", "area": "KE"}]},
        {"roles": [{"role": "admin", "area": "KE.42"}]},
        {"roles": None},
        {"disabled": "yes"},
        {"disabled": None},
        {"display_name": ""},
        {"name": "other"},
        {"password": None},
        {"password": "a" * 129},
    ],
)
async def test_what_makes_no_sense_changes_nothing(door: Door, changes: dict[str, Any]) -> None:
    root = (await door.begin())["access_token"]
    made = await door.make(root, "asha", "operator@KE.042")
    assert (await patch(door, root, made["id"], **changes)).status_code == 422
    assert (await door.store.get(made["id"])).version == 1


async def test_roles_taken_away_count_from_the_next_request(door: Door) -> None:
    root = (await door.begin())["access_token"]
    made = await door.make(root, "asha", "operator@KE.042")
    tokens = await door.sign_in("asha")
    await patch(door, root, made["id"], roles=grants("responder@KE.042"))
    over = await door.client.get("/operators", headers=bearer(tokens["access_token"]))
    assert (over.status_code, over.json()["code"]) == (401, "token-expired")
    refreshed = await door.client.post("/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})
    now = await door.client.get("/operators", headers=bearer(refreshed.json()["access_token"]))
    assert (now.status_code, now.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("change", [{"disabled": True}, {"password": "mamba analala mchana"}])
async def test_disabling_or_a_new_password_ends_every_session_at_once(door: Door, change: dict[str, Any]) -> None:
    root = (await door.begin())["access_token"]
    made = await door.make(root, "asha", "operator@KE.042")
    tokens = await door.sign_in("asha")
    claims = await door.auth.check(tokens["access_token"])
    assert await door.auth.fallen(claims) is None
    assert (await patch(door, root, made["id"], **change)).status_code == 200
    assert await door.auth.fallen(claims) == "session-over"
    over = await door.client.get("/who", headers=bearer(tokens["access_token"]))
    assert (over.status_code, over.json()["code"]) == (401, "session-over")
    refreshed = await door.client.post("/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert refreshed.status_code == 401


async def test_an_account_that_is_enabled_again_has_no_old_sessions(door: Door) -> None:
    root = (await door.begin())["access_token"]
    made = await door.make(root, "asha", "operator@KE.042")
    tokens = await door.sign_in("asha")
    await patch(door, root, made["id"], disabled=True)
    await patch(door, root, made["id"], disabled=False)
    refreshed = await door.client.post("/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert (refreshed.status_code, refreshed.json()["code"]) == (401, "session-over")
    await door.sign_in("asha")


async def test_two_processes_on_the_file_lose_no_change(door: Door, tmp_path: Any) -> None:
    await door.begin()
    own = (await door.store.find("root"))[0]
    other = SqliteAccounts(tmp_path / "dharura.sqlite3")

    def count(before: Account | None, everybody: list[Account]) -> Account:
        assert before is not None
        return msgspec.structs.replace(before, display_name=before.display_name + "x")

    await asyncio.gather(*(store.change(own.id, count) for _ in range(20) for store in (door.store, other)))
    changed = await other.get(own.id)
    assert changed is not None
    assert (changed.version, changed.display_name) == (own.version + 40, own.display_name + "x" * 40)
    other.close()


async def test_names_and_persons_belong_to_one_account(door: Door) -> None:
    root = (await door.begin())["access_token"]
    await door.make(root, "asha", "responder@KE.042", person="r-1")
    body = {"display_name": "x", "password": PASSWORD, "roles": grants("responder@KE.042")}
    same_name = await door.client.post("/accounts", json=body | {"name": "ASHA"}, headers=bearer(root))
    assert (same_name.status_code, same_name.json()["code"]) == (409, "name-taken")
    taken = await door.client.post("/accounts", json=body | {"name": "otieno", "person": "r-1"}, headers=bearer(root))
    assert (taken.status_code, taken.json()["code"]) == (409, "person-taken")
    first = (await door.store.find("asha"))[0]
    await patch(door, root, first.id, disabled=True)
    await door.make(root, "otieno", "responder@KE.042", person="r-1")
    back = await patch(door, root, first.id, disabled=False)
    assert (back.status_code, back.json()["code"]) == (409, "person-taken")


async def test_a_person_is_given_only_by_who_administers_their_area(door: Door) -> None:
    root = (await door.begin())["access_token"]
    chief = await admin_of(door, root, "KE.042")
    body = {"name": "x1", "display_name": "x", "password": PASSWORD, "roles": grants("responder@KE.042")}
    unsure = await door.client.post("/accounts", json=body | {"person": "r-1"}, headers=bearer(chief))
    assert (unsure.status_code, unsure.json()["code"]) == (422, "person-unknown")

    async def area_of_person(person: str) -> str | None:
        return {"r-1": "KE.042.238.1189", "r-2": "KE.043.250.1200"}.get(person)

    door.app.state.area_of_person = area_of_person
    for person, status in [("r-2", 422), ("r-3", 422), ("r-1", 201)]:
        response = await door.client.post("/accounts", json=body | {"person": person}, headers=bearer(chief))
        assert response.status_code == status, person
    made = (await door.store.find("x1"))[0]
    assert (await patch(door, chief, made.id, person="r-2")).status_code == 422
    assert (await door.store.get(made.id)).person == "r-1"
    assert (await patch(door, chief, made.id, person=None)).json()["person"] is None


async def test_somebody_always_administers(door: Door) -> None:
    root = (await door.begin())["access_token"]
    own = (await door.store.find("root"))[0]
    for changes in ({"disabled": True}, {"roles": grants("operator@KE")}, {"roles": grants("admin@KE.042")}):
        refused = await patch(door, root, own.id, **changes)
        assert (refused.status_code, refused.json()["code"]) == (409, "last-administrator")
    chief = await door.make(root, "chief", "admin@KE.042")
    assert (await patch(door, root, own.id, disabled=True)).status_code == 409
    assert (await patch(door, root, chief["id"], disabled=True)).status_code == 200
    await door.make(root, "second", "admin@KE")
    assert (await patch(door, root, own.id, disabled=True)).status_code == 200


async def test_two_administrators_cannot_remove_each_other_at_once(door: Door) -> None:
    root = (await door.begin())["access_token"]
    own = (await door.store.find("root"))[0]
    other = await door.make(root, "second", "admin@KE")
    second = await door.token("second")
    answers = await asyncio.gather(
        patch(door, root, other["id"], disabled=True), patch(door, second, own.id, disabled=True)
    )
    left = [account for account in await door.store.all() if not account.disabled]
    assert len(left) == 1, [answer.status_code for answer in answers]


async def test_a_change_can_ask_for_the_version_it_has_seen(door: Door) -> None:
    root = (await door.begin())["access_token"]
    made = await door.make(root, "asha", "operator@KE.042")
    read = await door.client.get(f"/accounts/{made['id']}", headers=bearer(root))
    headers = bearer(root) | {"if-match": read.headers["etag"]}
    first = await door.client.patch(f"/accounts/{made['id']}", json={"display_name": "one"}, headers=headers)
    assert (first.status_code, first.json()["version"], first.headers["etag"]) == (200, 2, '"2"')
    stale = await door.client.patch(f"/accounts/{made['id']}", json={"display_name": "two"}, headers=headers)
    assert (stale.status_code, stale.json()["code"]) == (412, "version-stale")
    assert (await door.store.get(made["id"])).display_name == "one"


async def test_accounts_live_in_the_file(door: Door, tmp_path: Any) -> None:
    root = (await door.begin())["access_token"]
    await door.make(root, "asha", "operator@KE.042", "responder@KE.042.238.1189", person="r-1")
    again = SqliteAccounts(tmp_path / "dharura.sqlite3")
    assert await again.all() == await door.store.all()
    assert again._writer.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert again._writer.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    again.close()


async def test_a_rule_that_raises_changes_nothing(door: Door) -> None:
    await door.begin()
    own = (await door.store.find("root"))[0]

    def rule(before: Any, everybody: Any) -> Any:
        raise Rejected("conflict", "no")

    with pytest.raises(Rejected):
        await door.store.change(own.id, rule, "hash")
    assert await door.store.find("root") == (own, (await door.store.find("root"))[1])
    await door.sign_in("root")


@given(st.text(max_size=30))
def test_a_name_is_kept_one_way(name: str) -> None:
    try:
        normal = normal_name(name)
    except Rejected:
        return
    assert normal_name(normal) == normal
    assert normal.isascii()


@pytest.mark.parametrize("password", ["short", "a" * 40, "abababababab", "asha.otieno1", "x" * 129, "            "])
def test_weak_passwords(password: str) -> None:
    with pytest.raises(Rejected) as refused:
        check_password(password, "asha.otieno")
    assert refused.value.code == "password-weak"


def test_the_wire_forms_are_closed() -> None:
    for kind in (
        accounts.NewAccount, accounts.Changes, accounts.Rotate,
        sessions.SignIn, sessions.Refresh, sessions.NewPassword, sessions.SetUp,
    ):  # fmt: skip
        assert msgspec.json.schema(kind)["$defs"][kind.__name__]["additionalProperties"] is False

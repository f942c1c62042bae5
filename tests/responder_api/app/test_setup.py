"""The link of the first start: the page is served, may do nothing else, and its script makes the administrator."""

import asyncio
import json
import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest

from tests.responder_api.app.conftest import Door, listening

PASSWORD = "kiboko anaogelea usiku"

# What of a browser the page's script uses. Everything else, the request among it, is real.
BROWSER = """
const page = JSON.parse(process.argv[1]);
const elements = {};
globalThis.document = { getElementById: (id) => elements[id] ??= {
  value: page.typed[id] ?? "", hidden: false, disabled: false, textContent: "", heard: {},
  addEventListener(type, listener) { this.heard[type] = listener; } } };
globalThis.location = { hash: page.hash, pathname: "/setup" };
globalThis.history = { replaceState(_state, _title, to) { page.shown = to; } };
const real = globalThis.fetch;
globalThis.fetch = (to, options) => real(new URL(to, page.base), options);
new Function(page.script)();
(async () => {
  let prevented = false;
  if (!document.getElementById("form").hidden) {
    await document.getElementById("form").heard.submit({ preventDefault() { prevented = true; } });
  }
  const said = document.getElementById("said").textContent;
  const hidden = { form: document.getElementById("form").hidden, next: document.getElementById("next").hidden };
  console.log(JSON.stringify({ said, hidden, prevented, shown: page.shown }));
})();
"""


async def submit(door: Door, base: str, token: str, **typed: str) -> dict[str, Any]:
    """Open the page with a token, type, submit; give what then stands on it."""
    page = (await door.client.get("/setup")).text
    script = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)[0]
    fields = {"name": "amina", "display_name": "Amina Otieno", "password": PASSWORD, **typed}
    given = {"script": script, "typed": fields, "hash": f"#{token}" if token else "", "base": base}
    node = await asyncio.create_subprocess_exec(
        "node", "-e", BROWSER, json.dumps(given), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, trouble = await node.communicate()
    assert node.returncode == 0, trouble.decode()
    seen: dict[str, Any] = json.loads(out)
    return seen


async def test_the_page_is_served_and_may_do_only_its_own(door: Door) -> None:
    answer = await door.client.get("/setup")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
        assert f"{tag}-src 'sha256-{b64encode(sha256(inside.encode()).digest()).decode()}'" in policy
    assert not re.search(r"\son\w+=|style=|javascript:", answer.text), "the policy lets no such thing run"
    assert not re.search(r"(src|href)=\"(https?:)?//", answer.text), "it must work where there is no internet"
    for field in ("name", "display_name", "password"):
        assert f'id="{field}"' in answer.text
        assert f'<label for="{field}">' in answer.text


@pytest.mark.system("node")
async def test_the_link_makes_the_administrator_once(door: Door) -> None:
    token = await door.node.auth.open_setup()
    async with listening(door) as url:
        base = url.replace("ws://", "http://") + "/setup"
        bare = await submit(door, base, "")
        assert bare["hidden"]["form"]
        assert "whole link" in bare["said"]
        weak = await submit(door, base, token, password="aaaaaaaaaaaa")
        assert not weak["hidden"]["form"]
        assert "too weak" in weak["said"]
        wrong = await submit(door, base, token + "x")
        assert "not valid" in wrong["said"]
        made = await submit(door, base, token)
        assert made == {"said": "", "hidden": {"form": True, "next": False}, "prevented": True, "shown": "/setup"}
        again = await submit(door, base, token, name="mwingine")
        assert not again["hidden"]["form"]
        assert again["said"]
    (account,) = await door.node.accounts.all()
    assert (account.name, account.display_name) == ("amina", "Amina Otieno")
    assert [(grant.role, grant.area) for grant in account.roles] == [("admin", "KE")]
    signed_in = await door.ask("POST", "/sessions", json={"name": "amina", "password": PASSWORD})
    assert signed_in.status_code == 201


async def test_an_administrator_names_only_responders_of_their_area(door: Door) -> None:
    await door.person("mkuu", ("operator", "KE"))
    await door.person("msimamizi", ("admin", "KE.042"))
    wards = {ward.path[:6]: ward.path for ward in door.node.world.wards}
    for n, county in enumerate(sorted(wards)):
        body = {"id": f"mtu-{county}", "name": "x", "phone": f"+25471100000{n}", "skills": ["rescue"]}
        taken = await door.ask("POST", "/responders", "mkuu", json={**body, "home": wards[county]})
        assert taken.status_code == 202
    new = {"display_name": "x", "password": PASSWORD, "roles": [{"role": "responder", "area": "KE.042"}]}
    for person, status in (("mtu-KE.042", 201), ("mtu-KE.044", 422), ("nobody", 422)):
        made = await door.ask(
            "POST", "/accounts", "msimamizi", json={**new, "name": f"a-{person}".lower(), "person": person}
        )
        assert made.status_code == status, (person, made.text)
        if status == 422:
            assert made.json()["code"] == "person-unknown"

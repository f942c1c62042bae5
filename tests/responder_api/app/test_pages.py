"""The pages as files: what a browser gets, what it may keep, and that it gets nothing else."""

import gzip
from pathlib import Path

import httpx
import pytest

from responder_api import checkup_world
from responder_api.page_files import PageFiles
from tests.responder_api.app.conftest import Door

PAGES = {
    "console.html": "<!doctype html><title>console</title>" + " " * 500,
    "phone.html": "<!doctype html><title>phone</title>",
    "styleguide.html": "<!doctype html><title>styleguide</title>",
    "phone-sw.js": "self.addEventListener('fetch', () => {});",
    "phone.webmanifest": "{}",
    "icon.svg": "<svg/>",
    "icons/phone-192.png": "png",
    "assets/console-BGfmDpuG.js": "export const a = 1;" * 50,
    "assets/console-BGfmDpuG.css": "body {}",
}


def build(folder: Path) -> None:
    """Lay out what a build leaves; only the console and the script shrink."""
    for name, text in PAGES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if len(text) > 200:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(text.encode()))
            path.with_name(path.name + ".br").write_bytes(b"brotli of " + path.name.encode())


@pytest.fixture
def built(door: Door, tmp_path: Path) -> Door:
    build(tmp_path / "pages")
    door.node.pages = PageFiles(tmp_path / "pages")
    return door


async def get(door: Door, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    sent = {"accept-encoding": "identity"} | {name.replace("_", "-"): value for name, value in headers.items()}
    request = door.client.build_request(method, path, headers=sent)
    return await door.client.send(request, stream=False)


async def raw(door: Door, path: str, accepted: str) -> tuple[httpx.Response, bytes]:
    """Give an answer and its body as it went over the wire."""
    request = door.client.build_request("GET", path, headers={"accept-encoding": accepted})
    answer = await door.client.send(request, stream=True)
    return answer, b"".join([chunk async for chunk in answer.aiter_raw()])


async def test_the_root_leads_to_the_console(built: Door) -> None:
    answer = await get(built, "/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/console")


@pytest.mark.parametrize("name", ["console", "phone", "styleguide"])
async def test_a_page_is_asked_for_anew_and_sent_once(built: Door, name: str) -> None:
    answer = await get(built, f"/{name}")
    assert answer.status_code == 200
    assert answer.text == PAGES[f"{name}.html"]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    again = await get(built, f"/{name}", if_none_match=f'W/"other", {answer.headers["etag"]}')
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
    assert (await get(built, f"/{name}", if_none_match='"other"')).status_code == 200


async def test_what_a_page_loads_is_kept_for_good(built: Door) -> None:
    answer = await get(built, "/assets/console-BGfmDpuG.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert (await get(built, "/assets/console-BGfmDpuG.css")).headers["content-type"].startswith("text/css")


async def test_files_at_the_root_say_what_they_are(built: Door) -> None:
    worker = await get(built, "/phone-sw.js")
    assert (worker.headers["service-worker-allowed"], worker.headers["cache-control"]) == ("/phone", "no-cache")
    manifest = await get(built, "/phone.webmanifest")
    assert manifest.headers["content-type"] == "application/manifest+json"
    assert "service-worker-allowed" not in manifest.headers
    assert (await get(built, "/icon.svg")).headers["content-type"] == "image/svg+xml"
    assert (await get(built, "/icons/phone-192.png")).headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP;q=1.0", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br;q=0.000, gzip; q=0", None),
        ("identity", None),
        ("bro, gzipped", None),
        ("", None),
    ],
)
async def test_a_twin_goes_only_to_whom_can_read_it(built: Door, accepted: str, encoding: str | None) -> None:
    answer, body = await raw(built, "/console", accepted)
    plain = PAGES["console.html"].encode()
    expected = {"br": b"brotli of console.html", "gzip": gzip.compress(plain), None: plain}[encoding]
    assert answer.headers.get("content-encoding") == encoding
    assert (gzip.decompress(body) == plain) if encoding == "gzip" else body == expected
    assert answer.headers["content-length"] == str(len(body))
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["vary"] == "accept-encoding", "a cache in between must not mix them"


async def test_each_twin_has_a_tag_of_its_own(built: Door) -> None:
    tags = {(await raw(built, "/console", accepted))[0].headers["etag"] for accepted in ("br", "gzip", "identity")}
    assert len(tags) == 3
    answer, _ = await raw(built, "/phone", "br")
    assert "vary" not in answer.headers, "there is but one of it"


@pytest.mark.parametrize("path", ["/", "/console", "/assets/console-BGfmDpuG.js", "/phone-sw.js", "/icon.svg"])
async def test_a_head_says_what_a_get_would(built: Door, path: str) -> None:
    got, head = await get(built, path), await get(built, path, "HEAD")
    assert head.status_code == got.status_code
    assert head.content == b""
    differ = {"x-request-id"}
    assert {n: v for n, v in head.headers.items() if n not in differ} == {
        n: v for n, v in got.headers.items() if n not in differ
    }


@pytest.mark.parametrize(
    "path",
    [
        "/assets/..%2fconsole.html",
        "/assets/%2e%2e/console.html",
        "/assets/../../settings.py",
        "/assets/..%2f..%2fsettings.py",
        "/assets/%2Fetc%2Fpasswd",
        "/assets/console-BGfmDpuG.js%00.js",
        "/assets/console-BGfmDpuG.js.br",
        "/assets/nothing.js",
        "/assets/" + "a" * 3000 + ".js",
        "/assets/.js",
        "/assets/",
        "/icons/..%2ficon.svg",
        "/nothing.svg",
        "/phone-sw.js.gz",
        "/console.html.br",
        "/settings.py",
    ],
)
async def test_nothing_else_is_to_be_had(built: Door, path: str) -> None:
    outside = built.node.pages.folder.parent / "settings.py"
    outside.write_text("secret")
    answer = await built.ask("GET", path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("path", ["/console", "/assets/console-BGfmDpuG.js", "/phone-sw.js"])
async def test_a_page_runs_and_loads_what_is_here_and_no_more(built: Door, path: str) -> None:
    headers = (await get(built, path)).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["worker-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "geolocation=(self)" in headers["permissions-policy"]
    assert "camera=()" in headers["permissions-policy"]


async def test_a_build_beside_the_running_server_is_seen(built: Door) -> None:
    before = await get(built, "/phone")
    (built.node.pages.folder / "phone.html").write_text("<!doctype html><title>another phone</title>")
    after = await get(built, "/phone")
    assert "another" in after.text
    assert after.headers["etag"] != before.headers["etag"]
    (built.node.pages.folder / "phone.html").unlink()
    assert (await get(built, "/phone")).status_code == 503


async def test_without_a_build_the_pages_say_how_and_the_api_works(door: Door, tmp_path: Path) -> None:
    door.node.pages = PageFiles(tmp_path / "none")
    for path in ("/console", "/phone", "/styleguide"):
        answer = await get(door, path)
        assert answer.status_code == 503
        assert answer.headers["content-type"].startswith("text/html")
        assert "make setup" in answer.text
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert (await get(door, path, "HEAD")).status_code == 503
    for path in ("/assets/a.js", "/phone-sw.js", "/icon.svg"):
        assert (await door.ask("GET", path)).status_code == 404
    assert (await door.ask("GET", "/healthz")).status_code == 200
    await door.still_works()


def test_the_doctor_says_what_is_missing(tmp_path: Path) -> None:
    (finding,) = checkup_world.pages(PageFiles(tmp_path))
    assert (finding.level, finding.says) == ("ATTENTION", "not built: console.html, phone.html")
    assert "make setup" in finding.do
    build(tmp_path)
    (finding,) = checkup_world.pages(PageFiles(tmp_path))
    assert finding.level == "OK"


@pytest.mark.parametrize(
    "name",
    [
        "../secret.html",
        "assets/../../secret.html",
        "/etc/motd.html",
        ".hidden.html",
        "assets/",
        "",
        "icons/a/b.svg",
        "console.html.br",
        "console.html\n.js",
        "console.html/",
    ],
)
def test_a_name_leads_nowhere_but_into_the_folder(tmp_path: Path, name: str) -> None:
    build(tmp_path / "pages")
    (tmp_path / "secret.html").write_text("secret")
    (tmp_path / "pages" / ".hidden.html").write_text("secret")
    assert PageFiles(tmp_path / "pages").find(name, "br") is None
    assert PageFiles(tmp_path / "pages").find("console.html", "br") is not None

"""A line that breaks in every way it can: nothing lost, nothing twice, and said which it was."""

import json
import threading
from contextlib import ExitStack
from typing import Any

from websockets.sync.client import connect

from responder_api.cli.client import Server, sign_in
from responder_api.cli.feed import Feed, Picture, Resumed, Resync
from responder_api.cli.trouble import Trouble
from responder_api.live_limits import DEFAULTS
from responder_api.wiring_embedded import EmbeddedNode as Node

PASSWORD = "kiboko anaogelea usiku"
PER_ACCOUNT = DEFAULTS.per_account


def offsets(frames: Any) -> list[int]:
    return [int(json.loads(frame.data)["position"].rpartition(":")[2]) for frame in frames]


def seen(watcher: Any) -> list[int]:
    return [int(position.rpartition(":")[2]) for position in watcher.positions]


def reached(house: Any) -> Any:
    """All that stands in the feed has come to a watcher that began at its beginning."""
    return lambda watcher: watcher.feed.position is not None and seen(watcher)[-1:] == offsets(house.feed())[-1:]


def a_picture(watcher: Any) -> bool:
    return any(isinstance(each, Picture) for each in watcher.news)


def test_a_first_picture_then_every_change_once(house: Any, watching: Any) -> None:
    house.report(1)
    watcher = watching()
    watcher.until(a_picture)
    known = int(watcher.feed.position.rpartition(":")[2])
    for number in range(2, 12):
        house.report(number)
    house.settle()
    watcher.until(reached(house))
    assert seen(watcher) == [offset for offset in offsets(house.feed()) if offset > known]
    assert [each.reason for each in watcher.news if isinstance(each, Resync)] == ["fresh"]


def test_a_server_that_restarts_under_load_is_followed_without_a_gap_or_a_repetition(house: Any, watching: Any) -> None:
    watcher = watching()
    watcher.until(a_picture)
    number = 0
    for _ in range(3):
        for _ in range(5):
            number += 1
            house.report(number)
        house.stop()
        house.start()
        for _ in range(5):
            number += 1
            house.report(number)
        house.settle()
        watcher.until(reached(house))
    assert seen(watcher) == offsets(house.feed())
    assert [each for each in watcher.news if isinstance(each, Resync)] == [Resync(reason="fresh")]
    assert any("the server restarts" in note for note in watcher.notes), watcher.notes
    documents = house.ask("GET", "/incidents")["items"]
    assert {each["id"]: each for each in documents} == {
        id_: value for (kind, id_), value in watcher.feed.documents.items() if kind == "incident"
    }


def test_it_comes_back_when_the_server_asked_and_then_more_and_more_seldom(house: Any, watching: Any) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        stopped.wait()
        waits.append(seconds)
        if sum(waits) > 70.0 and not started.is_set():
            started.set()
            house.start()

    stopped, started = threading.Event(), threading.Event()
    watcher = watching(roll=lambda: 1.0, sleep=sleep)
    watcher.until(a_picture)
    house.stop()
    stopped.set()
    watcher.until(lambda each: any(note.startswith("back after") for note in each.notes))
    assert 0.25 <= waits[0] < 0.3, "what the close frame asked for, not our own back-off"
    assert sum(waits[1:]) == sum((0.5, 1, 2, 4, 8, 15, 15, 15, 15)), "doubled, up to a quarter of a minute"
    house.report(1)
    house.settle()
    watcher.until(reached(house))


def test_a_position_from_before_is_gone_on_from_exactly(house: Any, watching: Any) -> None:
    first = watching()
    first.until(a_picture)
    house.report(1)
    house.settle()
    first.until(reached(house))
    first.stop()
    for number in range(2, 8):
        house.report(number)
    house.settle()
    second = watching(feed=Feed(first.feed.position, first.feed.view), once=True)
    second.over()
    assert second.trouble is None
    assert seen(first) + seen(second) == offsets(house.feed())
    assert isinstance(second.news[0], Resumed)
    assert not any(isinstance(each, Resync) for each in second.news)


def test_another_scope_is_a_resync_not_a_replay_with_holes(house: Any, watching: Any) -> None:
    first = watching(kinds=["incident"])
    first.until(a_picture)
    house.report(1)
    first.until(lambda each: each.feed.documents != {})
    first.stop()
    second = watching(feed=Feed(first.feed.position, first.feed.view), kinds=["incident", "report"], once=True)
    second.over()
    assert [each.reason for each in second.news if isinstance(each, Resync)] == ["scope-changed"]
    assert {kind for kind, _ in second.feed.documents} == {"incident", "report"}


def test_only_what_is_of_the_area_comes(house: Any, watching: Any) -> None:
    house.report(1)
    house.settle()
    elsewhere = watching(areas=["KE.044"], once=True, kinds=["incident"])
    here = watching(areas=["KE.042"], once=True, kinds=["incident"])
    elsewhere.over()
    here.over()
    assert (len(elsewhere.feed.documents), len(here.feed.documents)) == (0, 1)


def test_a_position_of_another_feed_is_a_resync(house: Any, watching: Any) -> None:
    house.report(1)
    watcher = watching(feed=Feed("another:7", None), once=True)
    watcher.over()
    assert watcher.trouble is None
    assert [each.reason for each in watcher.news if isinstance(each, Resync)] == ["epoch-changed"]


def test_a_position_that_has_not_come_yet_begins_afresh_and_says_so(house: Any, watching: Any) -> None:
    house.report(1)
    house.settle()
    epoch = house.node.host.epoch
    watcher = watching(feed=Feed(f"{epoch}:999999", None), once=True)
    watcher.over()
    assert watcher.trouble is None
    assert any("beginning afresh" in note for note in watcher.notes)
    assert watcher.feed.position == f"{epoch}:{offsets(house.feed())[-1]}"


def test_a_token_is_renewed_before_it_ends_and_the_line_stays(house: Any, watching: Any) -> None:
    now = [0.0]
    watcher = watching(monotonic=lambda: now[0])
    watcher.until(a_picture)
    now[0] = 10_000.0
    watcher.until(lambda each: any(frame["type"] == "renewed" for frame in each.frames))
    house.report(1)
    house.settle()
    watcher.until(reached(house))
    assert [frame["type"] for frame in watcher.frames].count("welcome") == 1


def test_an_account_that_changed_is_followed_with_what_it_may_see_now(house: Any, watching: Any) -> None:
    house.account("baraka", ("operator", "KE.044"))
    watcher = watching("baraka")
    watcher.until(a_picture)
    house.account("baraka", ("operator", "KE"))
    house.report(1)

    async def look_again(node: Node) -> None:
        node.live.recheck("id-baraka")

    house.inside(look_again)
    watcher.until(lambda each: each.feed.documents != {})
    assert [each.reason for each in watcher.news if isinstance(each, Resync)] == ["fresh", "scope-changed"]


def end_session(house: Any, watcher: Any) -> None:
    async def end(node: Node) -> None:
        claims = await node.auth.check(watcher.signed.token())
        await node.auth.sign_out(claims)
        node.live.recheck(claims.viewer.account)

    house.inside(end)


def test_a_session_that_is_over_is_begun_anew_where_the_password_is_known(house: Any, watching: Any) -> None:
    watcher = watching()
    watcher.until(a_picture)
    end_session(house, watcher)
    house.report(1)
    house.settle()
    watcher.until(reached(house))
    assert [each.reason for each in watcher.news if isinstance(each, Resync)] == ["fresh"]


def test_a_session_that_is_over_ends_the_watch_with_what_to_do(house: Any, watching: Any) -> None:
    watcher = watching(password=None)
    watcher.until(a_picture)
    end_session(house, watcher)
    watcher.over()
    assert isinstance(watcher.trouble, Trouble)
    assert str(watcher.trouble) == f"The session of amina is over: dharura login amina --server {house.url}"


def test_an_area_that_is_none_ends_the_watch_with_what_is_wrong(house: Any, watching: Any) -> None:
    watcher = watching(areas=["Kisumu"])
    watcher.over()
    assert isinstance(watcher.trouble, Trouble)
    assert "area-malformed" in str(watcher.trouble)


def test_an_account_with_too_many_lines_waits_for_one_to_end(house: Any, watching: Any) -> None:
    with ExitStack() as lines:
        server = lines.enter_context(Server(house.url))
        hello = {"type": "hello", "token": sign_in(server, "amina", PASSWORD).access_token}
        for _ in range(PER_ACCOUNT):
            line = lines.enter_context(connect(f"{house.url.replace('http', 'ws')}/live", proxy=None))
            line.send(json.dumps(hello))
            line.recv()
        late = watching()
        late.until(lambda each: any("too many live views" in note for note in each.notes))
        assert not late.frames
    late.until(a_picture)

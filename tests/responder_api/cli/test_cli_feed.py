"""What a client keeps of the feed: nothing missed, nothing twice, and no position before its time."""

from typing import Any

from responder_api.cli.feed import CaughtUp, Change, Feed, Picture, Resumed, Resync


def welcome(offset: int, *, view: str = "v1", epoch: str = "e") -> dict[str, Any]:
    return {"type": "welcome", "position": f"{epoch}:{offset}", "view": view}


def change(offset: int, id_: str = "i1", epoch: str = "e", **value: Any) -> dict[str, Any]:
    where = {"type": "change", "position": f"{epoch}:{offset}", "kind": "incident", "id": id_}
    return {**where, "op": "put", "value": {"id": id_, **value}, "at": "2026-04-26T06:00:00Z"}


def gone(offset: int, id_: str = "i1") -> dict[str, Any]:
    return {"type": "change", "position": f"e:{offset}", "kind": "incident", "id": id_, "op": "gone"}


def part(offset: int, number: int, of: int, *, epoch: str = "e", **documents: Any) -> dict[str, Any]:
    shown = [{"kind": "incident", "id": id_, "value": {"id": id_, **value}} for id_, value in documents.items()]
    return {"type": "snapshot", "position": f"{epoch}:{offset}", "part": number, "of": of, "documents": shown}


def resync(reason: str = "fresh") -> dict[str, Any]:
    return {"type": "resync", "reason": reason}


def heartbeat(offset: int) -> dict[str, Any]:
    return {"type": "heartbeat", "position": f"e:{offset}"}


def hear(feed: Feed, *frames: dict[str, Any]) -> list[Any]:
    return [news for frame in frames for news in feed.take(frame)]


def live(offset: int = 10, **documents: Any) -> Feed:
    feed = Feed()
    hear(feed, welcome(offset), resync(), part(offset, 1, 1, **documents))
    return feed


def test_the_first_hello_begins_afresh_and_the_next_one_goes_on() -> None:
    feed = Feed()
    assert feed.hello("t", ["incident"], None) == {
        "type": "hello",
        "token": "t",
        "position": None,
        "kinds": ["incident"],
        "areas": None,
    }
    hear(feed, welcome(10), resync(), part(10, 1, 1), change(11))
    said = feed.hello("t2", None, ["KE.042"])
    assert (said["position"], said["view"], said["areas"]) == ("e:11", "v1", ["KE.042"])


def test_a_picture_counts_only_when_its_last_part_is_here() -> None:
    feed = Feed()
    assert hear(feed, welcome(10), resync(), part(10, 1, 2, i1={"n": 1})) == [Resync(reason="fresh")]
    assert (feed.position, feed.documents) == (None, {})

    news = hear(feed, part(10, 2, 2, i2={"n": 2}))

    assert isinstance(news[0], Picture)
    assert (news[0].first, news[0].documents, [each.id for each in news[0].changes]) == (True, 2, ["i1", "i2"])
    assert news[1] == CaughtUp()
    assert feed.position == "e:10"


def test_a_line_that_breaks_in_the_middle_of_a_picture_starts_it_anew() -> None:
    feed = Feed()
    hear(feed, welcome(10), resync(), part(10, 1, 2, old={"n": 1}))
    assert feed.hello("t", None, None)["position"] is None
    hear(feed, welcome(12), resync(), part(12, 1, 1, new={"n": 1}))
    assert [id_ for _, id_ in feed.documents] == ["new"]


def test_a_picture_broken_off_after_another_view_was_given_is_not_taken_for_a_replay() -> None:
    feed = live(i1={"n": 1})
    hear(feed, welcome(20, view="v2"), resync("scope-changed"), part(20, 1, 2))
    said = feed.hello("t", None, None)
    assert (said["position"], said["view"]) == ("e:10", "v1")


def test_a_view_that_came_with_a_newer_token_counts_with_its_picture_only() -> None:
    feed = live()
    hear(feed, {"type": "renewed", "expires_in_s": 900, "view": "v2"}, change(11), heartbeat(12))
    said = feed.hello("t", None, None)
    assert (said["position"], said["view"]) == ("e:10", "v1")
    hear(feed, welcome(12, view="v2"), resync("scope-changed"), part(12, 1, 1), change(13))
    said = feed.hello("t", None, None)
    assert (said["position"], said["view"]) == ("e:13", "v2")


def test_a_newer_token_for_the_same_view_changes_nothing() -> None:
    feed = live()
    hear(feed, {"type": "renewed", "expires_in_s": 900, "view": "v1"}, change(11))
    assert feed.position == "e:11"


def test_changes_come_with_what_was_before() -> None:
    feed = live(i1={"n": 1})
    (first,) = hear(feed, change(11, n=2))
    assert isinstance(first, Change)
    assert (first.before, first.after, first.at) == ({"id": "i1", "n": 1}, {"id": "i1", "n": 2}, "2026-04-26T06:00:00Z")
    (second,) = hear(feed, gone(12))
    assert isinstance(second, Change)
    assert (second.before, second.after) == ({"id": "i1", "n": 2}, None)
    assert feed.documents == {}


def test_what_was_had_before_is_not_told_again() -> None:
    feed = live()
    assert len(hear(feed, change(11), change(12, "i2"))) == 2
    assert hear(feed, change(11), change(12, "i2")) == []
    assert feed.position == "e:12"


def test_a_heartbeat_moves_the_position_past_what_others_heard() -> None:
    feed = live()
    hear(feed, heartbeat(40))
    assert feed.position == "e:40"


def test_coming_back_is_said_once_and_before_what_was_missed() -> None:
    feed = live()
    news = hear(feed, welcome(12), change(11), change(12))
    assert [type(each) for each in news] == [Resumed, Change, Change, CaughtUp]
    assert news[0] == Resumed(position="e:10", behind=2)


def test_coming_back_to_nothing_new_is_said_as_soon_as_the_server_answers() -> None:
    feed = live()
    assert hear(feed, welcome(12), {"type": "pong", "position": "e:12"}) == [Resumed(position="e:10", behind=2)]
    assert feed.position == "e:10", "a pong does not say that everything before it was sent"
    assert hear(feed, heartbeat(12)) == [CaughtUp()]


def test_a_resync_is_never_called_a_resumption() -> None:
    feed = live(i1={"n": 1}, i2={"n": 1}, i3={"n": 1})
    frames = (welcome(99), resync("too-old"), {"type": "pong", "position": "e:99"})
    assert hear(feed, *frames) == [Resync(reason="too-old")]

    (picture, _) = hear(feed, part(99, 1, 1, i1={"n": 1}, i2={"n": 2}, i4={"n": 4}))

    assert isinstance(picture, Picture)
    assert not picture.first
    told = {each.id: (each.before, each.after) for each in picture.changes}
    assert told == {
        "i2": ({"id": "i2", "n": 1}, {"id": "i2", "n": 2}),
        "i4": (None, {"id": "i4", "n": 4}),
        "i3": ({"id": "i3", "n": 1}, None),
    }
    assert feed.position == "e:99"


def test_after_a_resync_nothing_is_called_a_resumption_either() -> None:
    feed = live()
    news = hear(feed, welcome(99), resync("too-old"), part(99, 1, 1), change(100))
    assert [type(each) for each in news] == [Resync, Picture, CaughtUp, Change]


def test_nothing_counts_between_a_resync_and_the_end_of_its_picture() -> None:
    feed = live()
    hear(feed, welcome(20), resync("too-old"), part(20, 1, 2))
    assert hear(feed, change(21), heartbeat(21)) == []
    assert feed.position == "e:10"


def test_a_picture_that_broke_off_does_not_hide_what_comes_on_the_next_line() -> None:
    feed = live()
    hear(feed, welcome(20), resync("too-old"), part(20, 1, 2))
    feed.hello("t", None, None)
    news = hear(feed, welcome(11), change(11))
    assert [type(each) for each in news] == [Resumed, Change, CaughtUp]


def test_another_epoch_may_count_from_the_beginning() -> None:
    feed = live(500)
    hear(feed, welcome(3, epoch="f"), resync("epoch-changed"), part(3, 1, 1, epoch="f"), change(4, epoch="f"))
    assert feed.position == "f:4"


def test_a_position_from_a_file_knows_that_its_picture_is_not_whole() -> None:
    feed = Feed("e:10", "v1")
    news = hear(feed, welcome(11), change(11))
    assert [type(each) for each in news] == [Resumed, Change, CaughtUp]
    assert not feed.whole


def test_a_position_that_was_forgotten_begins_afresh_but_compares() -> None:
    feed = live(i1={"n": 1})
    feed.forget()
    assert feed.hello("t", None, None)["position"] is None
    assert "view" not in feed.hello("t", None, None)
    (_, picture, _) = hear(feed, welcome(5), resync(), part(5, 1, 1, i1={"n": 1}))
    assert (picture.first, picture.changes) == (False, [])
    assert feed.position == "e:5"

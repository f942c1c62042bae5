"""Who stands still is found out; who waits for a server, or was frozen, is left alone."""

from collections import Counter
from contextlib import closing
from pathlib import Path

from streams.cluster.delivering import Running
from streams.cluster.lag import Offsets, Source, lags
from streams.cluster.marker import Marker
from streams.cluster.watchdog import Patience, Seen, Stillness

READERS = {"incidents": ("dharura.reports",), "archive": ("dharura.reports", "dharura.filing")}
OURS, THEIRS = Source("incidents", "dharura.reports", 3), Source("archive", "dharura.reports", 4)


class Watched:
    def __init__(self) -> None:
        self.fetched: list[tuple[Source, int, int]] = []
        self.brought: Counter[Source] = Counter()
        self.busy = False

    def running(self) -> Running | None:
        return None

    def held(self) -> frozenset[Source]:
        return frozenset({OURS})

    def delivered(self, source: Source) -> int:
        return self.brought[source]

    def idle(self, source: Source) -> bool:
        return not self.busy

    def fill(self, source: Source, first: int, until: int) -> None:
        self.fetched.append((source, first, until))


def seen(source: Source, at: int, end: int) -> Seen:
    return Seen({(source.topic, source.number): Offsets(2, end)}, dict.fromkeys((OURS, THEIRS), end) | {source: at})


def test_lag_is_what_kafka_has_and_nobody_took() -> None:
    ends = {("dharura.reports", 3): Offsets(10, 30), ("dharura.filing", 0): Offsets(0, 4)}
    found = lags(READERS, ends, {OURS: 25})
    assert found == {OURS: 5, Source("archive", "dharura.reports", 3): 20, Source("archive", "dharura.filing", 0): 4}


def test_a_cursor_that_stands_still_ends_the_worker_that_holds_it_sooner_than_others() -> None:
    watched = Watched()
    watched.busy = True
    stillness = Stillness(READERS, watched, Patience())
    for source, still_s in ((OURS, 60), (THEIRS, 120)):
        stillness.forget()
        assert stillness.look(seen(source, 5, 9), 1000.0) == ""
        assert stillness.look(seen(source, 5, 20), 1000.0 + still_s - 1) == ""
        assert "has stood still" in stillness.look(seen(source, 5, 20), 1000.0 + still_s)


def test_a_cursor_that_moves_or_has_nothing_to_do_ends_nobody() -> None:
    watched = Watched()
    watched.busy = True
    stillness = Stillness(READERS, watched, Patience())
    for n in range(100):
        assert stillness.look(seen(OURS, 5 + n, 1000), 10.0 * n) == ""
    for n in range(100):
        assert stillness.look(seen(OURS, 1000, 1000), 2000.0 + 10.0 * n) == ""
    assert stillness.look(seen(OURS, 1000, 1001), 4000.0) == ""
    assert stillness.look(seen(OURS, 1000, 1001), 4059.0) == ""


def test_a_partition_that_has_less_than_was_taken_of_it_ends_who_holds_it() -> None:
    stillness = Stillness(READERS, Watched(), Patience())
    assert stillness.look(seen(OURS, 100, 100), 0.0) == ""
    # The cursor is read after the end: it may be ahead of it.
    assert stillness.look(seen(OURS, 120, 110), 2.0) == ""
    for source, end in ((THEIRS, 5), (OURS, 120)):
        assert stillness.look(seen(source, 120, end), 4.0) == ""
        assert stillness.look(seen(source, 120, end), 500.0) == ""
    assert stillness.look(seen(OURS, 120, 5), 502.0) == ""  # it may be a leader that has only just become one
    assert stillness.look(seen(OURS, 120, 130), 546.0) == ""
    assert stillness.look(seen(OURS, 120, 7), 548.0) == ""
    assert "7 records of incidents's dharura.reports/3, of which 120" in stillness.look(seen(OURS, 120, 7), 593.0)


def test_what_nobody_has_ever_read_is_a_matter_for_those_who_hold_it() -> None:
    watched = Watched()
    watched.busy = True
    stillness = Stillness(READERS, watched, Patience())
    ends = {("dharura.reports", 3): Offsets(0, 9)}  # for the archive's, no worker has come yet
    assert stillness.look(Seen(ends, {}), 0.0) == ""
    assert "incidents" in stillness.look(Seen(ends, {}), 500.0)


def test_what_was_seen_before_a_server_went_away_does_not_count() -> None:
    watched = Watched()
    watched.busy = True
    stillness = Stillness(READERS, watched, Patience())
    stillness.look(seen(OURS, 5, 9), 0.0)
    stillness.forget()
    assert stillness.look(seen(OURS, 5, 9), 100.0) == ""


def test_what_nobody_brings_is_fetched_but_not_for_ever() -> None:
    watched = Watched()
    stillness = Stillness(READERS, watched, Patience())
    stillness.look(seen(OURS, 0, 9), 0.0)
    assert not watched.fetched  # it may be under way
    stillness.look(seen(OURS, 0, 9), 2.0)
    assert watched.fetched == [(OURS, 2, 9)]  # what lies before the beginning is not there
    reason = ""
    for n in range(1, 31):
        assert stillness.look(seen(OURS, 9 * n, 9 * n + 9), 2.0 + 2 * n - 1) == ""
        reason = stillness.look(seen(OURS, 9 * n, 9 * n + 9), 2.0 + 2 * n)
    assert "Faust has brought nothing" in reason
    watched.brought[OURS] += 1
    assert stillness.look(seen(OURS, 999, 1000), 100.0) == ""
    assert stillness.look(seen(OURS, 999, 1000), 102.0) == ""


def test_a_marker_says_what_a_process_was_held_up_with_only_when_it_was(tmp_path: Path) -> None:
    delivery = Running("incidents", "dharura.reports", 3, 17)
    with closing(Marker(tmp_path)) as marker:
        marker.note(Running("dispatch", "dharura.assignments-with-a-longer-name", 11, 123456))
        marker.note(delivery)
    with closing(Marker(tmp_path)) as marker:
        assert marker.held() is None  # killed, as anyone may be
    (tmp_path / "held").write_text("Fatal Python error")
    with closing(Marker(tmp_path)) as marker:
        assert marker.held() == delivery
        marker.settled()
        assert marker.held() is None
    with closing(Marker(tmp_path)) as marker:
        assert marker.held() is None

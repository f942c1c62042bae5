"""A river gauge on the Nyando and the words to test it with."""

from datetime import UTC, datetime, timedelta

from alerts.stations import Mark, Station
from alerts.thresholds import Judgement, Readings, SeriesState, judge

START = datetime(2026, 4, 26, 6, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NYANDO = Station(
    id="nyando-ahero",
    name="Nyando at Ahero bridge",
    river="Nyando",
    lon=34.9204,
    lat=-0.1742,
    unit="m",
    datum="gauge zero",
    marks=(
        Mark(name="alert", raise_at=3.0, clear_at=2.7, severity="Moderate"),
        Mark(name="flood", raise_at=4.0, clear_at=3.6, severity="Severe"),
    ),
    sane_min=-0.5,
    sane_max=9.0,
)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def batch(rows: list[tuple[float, float | None]], unit: str = "m", datum: str = "gauge zero") -> Readings:
    return Readings(times=[at(t) for t, _ in rows], values=[v for _, v in rows], unit=unit, datum=datum)


class Told:
    """What a listener knows who heard every judgement: the crossings that stand, mark by mark."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = SeriesState()
        self.standing: dict[str, list[tuple[str, datetime]]] = {}
        self.judgements: list[Judgement] = []

    def hear(self, rows: list[tuple[float, float | None]], arrived: float | None = None) -> Judgement:
        late = max(t for t, _ in rows) if arrived is None else arrived
        self.state, judgement = judge(self.station, self.state, batch(rows), at(late))
        state = self.state
        assert 0 <= state.settled <= state.done <= len(state.times) == len(state.values) == len(state.codes)
        for crossing in judgement.withdrawn:
            self.standing[crossing.mark].remove((crossing.direction, crossing.at))
        for crossing in judgement.moved:
            assert crossing.was is not None
            mine = self.standing[crossing.mark]
            mine[mine.index((crossing.direction, crossing.was))] = (crossing.direction, crossing.at)
        for crossing in judgement.crossings:
            self.standing.setdefault(crossing.mark, []).append((crossing.direction, crossing.at))
        self.judgements.append(judgement)
        return judgement

    def crossings(self) -> dict[str, list[tuple[str, datetime]]]:
        return {mark: sorted(told, key=lambda row: row[1]) for mark, told in self.standing.items() if told}


def told_of(judgement: Judgement) -> list[tuple[str, str, datetime]]:
    return [(c.mark, c.direction, c.at) for c in judgement.crossings]


def flags_of(judgement: Judgement) -> list[str]:
    return [flag.flag for flag in judgement.flags]

import math
from pathlib import Path

import pytest

from geo.places import Rejected
from geo.rivers import Arrival, Gauge, Reach, Rivers, WardAlong

TOP = Gauge(
    id="top",
    river="Nyando",
    next=(Reach(gauge="middle", minutes=90), Reach(gauge="mouth", minutes=300)),
    wards=(WardAlong(path="KE.042.243.1215", minutes=15),),
)
MIDDLE = Gauge(
    id="middle",
    river="Nyando",
    next=(Reach(gauge="mouth", minutes=120),),
    wards=(WardAlong(path="KE.042.243.1212", minutes=45), WardAlong(path="KE.042.242.1207", minutes=45)),
)
MOUTH = Gauge(
    id="mouth",
    river="Nyando",
    wards=(WardAlong(path="KE.042.242.1208", minutes=10), WardAlong(path="KE.042.242.1207", minutes=0)),
)


def likely(rivers: Rivers, gauge: str) -> list[tuple[str, float]]:
    return [(arrival.path, arrival.minutes) for arrival in rivers.downstream(gauge)]


def test_wards_downstream_come_with_the_earliest_arrival() -> None:
    rivers = Rivers([MOUTH, TOP, MIDDLE])
    assert likely(rivers, "top") == [
        ("KE.042.243.1215", 15),
        ("KE.042.242.1207", 135),
        ("KE.042.243.1212", 135),
        ("KE.042.242.1208", 220),
    ]
    assert likely(rivers, "mouth") == [("KE.042.242.1207", 0), ("KE.042.242.1208", 10)]
    assert [g.id for g in rivers.gauges()] == ["mouth", "top", "middle"]
    assert len(rivers) == 3


def test_what_is_sure_of_a_time_is_carried_down() -> None:
    slow = Reach(gauge="b", minutes=100, earliest=80, latest=150, basis="published", source="who watches it")
    short = Reach(gauge="c", minutes=60, earliest=59, latest=500)
    below = WardAlong(path="KE.042.242.1208", minutes=10, earliest=5, latest=20, basis="published")
    rivers = Rivers(
        [
            Gauge(id="a", river="x", next=(slow, short)),
            Gauge(id="b", river="x", wards=(below,)),
            Gauge(id="c", river="x", next=(Reach(gauge="b", minutes=30),)),
        ]
    )
    (met,) = rivers.downstream("a")
    assert (met.minutes, met.earliest, met.latest) == (100, 85, 170)  # 60 + 30 + 10 by c, 80 + 5 and 150 + 20 by b
    assert met.basis == "estimated"
    assert rivers.downstream("b") == (
        Arrival(path="KE.042.242.1208", minutes=10, earliest=5, latest=20, basis="published"),
    )


def test_an_unknown_gauge_is_refused() -> None:
    with pytest.raises(Rejected) as refusal:
        Rivers([MOUTH]).downstream("elsewhere")
    assert refusal.value.code == "gauge-unknown"


@pytest.mark.parametrize(
    ("gauges", "says"),
    [
        ([TOP, MOUTH], "middle"),
        ([MOUTH, MOUTH], "the id 'mouth'"),
        ([Gauge(id="a", river="x", next=(Reach(gauge="a", minutes=1),))], "come back"),
        (
            [
                Gauge(id="a", river="x", next=(Reach(gauge="b", minutes=1),)),
                Gauge(id="b", river="x", next=(Reach(gauge="a", minutes=1),)),
            ],
            "come back",
        ),
        ([Gauge(id="a", river="x", wards=(WardAlong(path="KE.042.242.1208", minutes=-1),))], "-1"),
        ([Gauge(id="a", river="x", wards=(WardAlong(path="KE.042.242.1208", minutes=math.nan),))], "nan"),
        ([Gauge(id="a", river="x", wards=(WardAlong(path="KE.042.242.1208", minutes=5, latest=4),))], "5, 5, 4"),
        ([Gauge(id="a", river="x", wards=(WardAlong(path="KE.042.242.1208", minutes=5, earliest=6),))], "6, 5, 5"),
        ([Gauge(id="a", river="x", wards=(WardAlong(path="Kisumu", minutes=1),))], "Kisumu"),
        ([Gauge(id="a", river="x", lon=34.9)], "not both"),
        ([Gauge(id="a", river="x", lon=-0.1, lat=34.9)], "exchanged"),
        ([Gauge(id="a", river="x", course=((34.9, -0.1),))], "one position"),
        ([Gauge(id="a", river="x", course=((34.9, -0.1), (-0.2, 34.9)))], "exchanged"),
        ([Gauge(id="a", river="x", course=((34.9, -0.1), (34.9, math.nan)))], "the course of a"),
    ],
)
def test_a_graph_that_cannot_be_is_refused(gauges: list[Gauge], says: str) -> None:
    with pytest.raises(Rejected, match=says):
        Rivers(gauges)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rivers.json"
    path.write_text(
        '{"note": "x", "gauges": [{"id": "a", "river": "Sondu", "next": [],'
        ' "wards": [{"path": "KE.042.244.1220", "minutes": 30}]}]}'
    )
    assert likely(Rivers.load(path), "a") == [("KE.042.244.1220", 30.0)]
    assert not Rivers.load(path).approximate
    path.write_text(
        '{"approximate": true, "gauges": [{"id": "a", "river": "Sondu", "course": [[34.9, -0.1], [35, -0.2]]}]}'
    )
    assert Rivers.load(path).approximate
    assert Rivers.load(path).gauges()[0].course == ((34.9, -0.1), (35.0, -0.2))
    path.write_text('{"gauges": [{"river": "Sondu"}]}')
    with pytest.raises(Rejected) as refusal:
        Rivers.load(path)
    assert refusal.value.code == "rivers-invalid"


def test_files_and_folders_make_one_graph(tmp_path: Path) -> None:
    upper, lower = tmp_path / "upper", tmp_path / "lower.json"
    upper.mkdir()
    with pytest.raises(Rejected, match=r"no \*.json in the folder upper"):
        Rivers.load(upper)
    (upper / "one.json").write_text('{"gauges": [{"id": "a", "river": "x", "next": [{"gauge": "b", "minutes": 5}]}]}')
    (upper / "notes.txt").write_text("not read")
    lower.write_text(
        '{"approximate": true, "gauges": [{"id": "b", "river": "x",'
        ' "wards": [{"path": "KE.042.244.1220", "minutes": 30}]}]}'
    )
    with pytest.raises(Rejected, match="'b', which is not listed"):
        Rivers.load(upper)
    both = Rivers.load(upper, lower)
    assert likely(both, "a") == [("KE.042.244.1220", 35.0)]
    assert both.approximate
    with pytest.raises(Rejected, match="the id 'b'"):
        Rivers.load(lower, lower)


def test_the_demo_rivers_hold_together() -> None:
    rivers = Rivers.load(Path(__file__).parents[2] / "fixtures" / "demo" / "rivers.json")
    assert all(rivers.downstream(gauge.id) for gauge in rivers.gauges())

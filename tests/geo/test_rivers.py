import math
from pathlib import Path

import pytest

from geo.places import Rejected
from geo.rivers import Gauge, Reach, Rivers, WardAlong

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


def test_wards_downstream_come_with_the_earliest_arrival() -> None:
    rivers = Rivers([MOUTH, TOP, MIDDLE])
    assert rivers.downstream("top") == (
        ("KE.042.243.1215", 15),
        ("KE.042.242.1207", 135),
        ("KE.042.243.1212", 135),
        ("KE.042.242.1208", 220),
    )
    assert rivers.downstream("mouth") == (("KE.042.242.1207", 0), ("KE.042.242.1208", 10))
    assert [g.id for g in rivers.gauges()] == ["mouth", "top", "middle"]
    assert len(rivers) == 3


def test_an_unknown_gauge_is_refused() -> None:
    with pytest.raises(Rejected) as refusal:
        Rivers([MOUTH]).downstream("elsewhere")
    assert refusal.value.code == "gauge-unknown"


@pytest.mark.parametrize(
    ("gauges", "says"),
    [
        ([TOP, MOUTH], "middle"),
        ([MOUTH, MOUTH], "same id"),
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
        ([Gauge(id="a", river="x", wards=(WardAlong(path="Kisumu", minutes=1),))], "Kisumu"),
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
    assert Rivers.load(path).downstream("a") == (("KE.042.244.1220", 30.0),)
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


def test_the_demo_rivers_hold_together() -> None:
    rivers = Rivers.load(Path(__file__).parents[2] / "fixtures" / "demo" / "rivers.json")
    assert all(rivers.downstream(gauge.id) for gauge in rivers.gauges())

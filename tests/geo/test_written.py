import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.written import position


@pytest.mark.parametrize(
    "text",
    [
        "help at -0.0917, 34.7617 now",
        "34.7617 -0.0917",
        "https://maps.google.com/?q=-0.0917,34.7617",
        "https://maps.google.com/?q=-0.0917%2C34.7617",
        "geo:-0.0917,34.7617",
        "S0.0917 E34.7617",
        "0.0917S, 34.7617E",
        "0.0917° S 34.7617° E",
        "lat: -0.0917 long: 34.7617",
        "Latitude=-0.0917 Longitude=34.7617",
        "0°5'30.1\"S 34°45'42.1\"E",
        "0° 5\u2032 30.1\u2033 S, 34° 45\u2032 42.1\u2033 E",
        "6GFPWQ56+8M",
        "at 6gfpwq56+8m please",
    ],
)
def test_every_usual_form_of_a_position_is_read(text: str) -> None:
    found = position(text)
    assert found is not None
    assert (found.lon, found.lat) == pytest.approx((34.7617, -0.0917), abs=2e-4)
    assert found.words in text


@pytest.mark.parametrize(
    "text",
    ["", "1.5 2.5", "call 0722.123456", "51.50, -0.12", "36.8", "route 34 to 45", "200.123, 34.123", "6GFPWQ5+8M"],
)
def test_other_numbers_are_not_positions(text: str) -> None:
    assert position(text) is None


def test_the_fewer_digits_the_rougher_the_position() -> None:
    rough, fine = position("-0.09 34.76"), position("-0.09170 34.76170")
    assert rough is not None
    assert fine is not None
    assert rough.accuracy_m == pytest.approx(555.0)
    assert fine.accuracy_m == 10.0


@given(st.text("0123456789.,-+°'\"NSEWlatong: \u2032", max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = position(text)
    assert found is None or (33.8 <= found.lon <= 42.0 and -4.9 <= found.lat <= 5.6)

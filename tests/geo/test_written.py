"""Positions in texts: every usual form is read back within the accuracy it states; other numbers are left alone."""

import mgrs
import pyproj
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from geo import plus_codes, written_degrees
from geo.places import Rejected, distance_m
from geo.written import Written, position, recover, short_plus

LON, LAT = 34.7617, -0.0917
EXCHANGED, LON_FIRST = written_degrees.EXCHANGED, written_degrees.LON_FIRST

FORMS = {
    "help at -0.0917, 34.7617 now": "",
    "-0,0917; 34,7617": "",
    "-0,09170 34,76170": "",
    "-0.0917/34.7617": "",
    "-0.0917-34.7617": "",
    "\u22120.0917, 34.7617": "",
    "34.7617 -0.0917": LON_FIRST,
    "[34.7617, -0.0917]": LON_FIRST,
    "POINT(34.7617 -0.0917)": LON_FIRST,
    '{"lat": -0.0917, "lng": 34.7617}': "",
    "-00.0917+034.7617/": "",
    "S0.0917 E34.7617": "",
    "0.0917S, 34.7617E": "",
    "0.0917S34.7617E": "",
    "0,0917 S 34,7617 E": "",
    "0.0917° S 34.7617° E": "",
    "0.0917 Kusini, 34.7617 Mashariki": "",
    "0.0917 degrees south, 34.7617 degrees east": "",
    "-0.0917 E34.7617": "",
    "lat: -0.0917 long: 34.7617": "",
    "Latitude=-0.0917 Longitude=34.7617": "",
    "Long: 34.7617 Lat: -0.0917": "",
    "latitudo -0.0917 longitudo 34.7617": "",
    "lat/long: -0.0917, 34.7617": "",
    "my latitude is -0.0917 and my longitude is 34.7617": "",
    "Lat 0.0917 S, Long 34.7617 E": "",
    "lat 34.7617 long -0.0917": EXCHANGED,
    "0°5'30.1\"S 34°45'42.1\"E": "",
    "0° 5\u2032 30.1\u2033 S, 34° 45\u2032 42.1\u2033 E": "",
    "0º05\u201930.1\u201dS 34º45\u201942.1\u201dE": "",
    "0°5'30,1''S 34°45'42,1''E": "",
    "-0°05'30.1\" 34°45'42.1\"": "",
    "0 05 30 S 34 45 42 E": "",
    "0:05:30 S 34:45:42 E": "",
    "0-05-30S 34-45-42E": "",
    "0d05m30s S 34d45m42s E": "",
    "0 deg 5 min 30 sec S, 34 deg 45 min 42 sec E": "",
    "S0 05.502 E034 45.702": "",
    "S 0° 05.502' E 34° 45.702'": "",
    "000530S 0344542E": "",
    "0005.502,S,03445.702,E": "",
    "geo:-0.0917,34.7617": "",
    "geo:0,0?q=-0.0917,34.7617(Kibuye)": "",
    "niko hapa https://maps.google.com/?q=-0.0917,34.7617 haraka": "",
    "https://maps.google.com/?q=-0.0917%2C34.7617": "",
    "https://maps.google.com/maps?q=loc:-0.0917,34.7617": "",
    "maps.google.com/?q=-0.0917, 34.7617": "",
    "https://maps.google.com/?ll=-0.0917,34.7617&z=3": "",
    "https://www.google.com/maps/@-0.0917,34.7617,15z": "",
    "https://www.google.com/maps/search/?api=1&query=-0.0917%2C34.7617": "",
    "https://www.google.com/maps/place/Kibuye/@-0.2,34.9,15z/data=!3m1!4b1!8m2!3d-0.0917!4d34.7617!16s": "",
    "https://www.google.com/maps/place/0%C2%B005'30.1%22S+34%C2%B045'42.1%22E/@-0.2,34.9,17z": "",
    "https://www.google.com/maps/place/-0.0917,34.7617": "",
    "https://www.google.com/maps/dir//-0.0917,34.7617/@-0.5,34.5,10z": "",
    "https://www.google.com/maps/dir/-0.2000,34.9000/-0.0917,34.7617": "",
    "https://www.google.com/maps?q=0%C2%B005'30.1%22+S,+34%C2%B045'42.1%22+E&z=4": "",
    "https://www.openstreetmap.org/#map=15/-0.0917/34.7617": "",
    "https://www.openstreetmap.org/?mlat=-0.0917&mlon=34.7617#map=12/-0.5/34.5": "",
    "http://maps.apple.com/?ll=-0.0917,34.7617&q=Pin": "",
    "https://waze.com/ul?ll=-0.0917%2C34.7617&navigate=yes": "",
    "https://www.waze.com/livemap/directions?to=ll.-0.0917%2C34.7617": "",
    "Use Waze to drive to me: https://waze.com/ul/hkzbxrp29y3": "",
    "https://example.org/somewhere/34.7617,-0.0917": EXCHANGED,
    "6GFPWQ56+8M": "",
    "at 6gfpwq56+8m please": "",
    "https://plus.codes/6GFPWQ56+8M": "",
}


@pytest.mark.parametrize("text", FORMS)
def test_every_usual_form_of_a_position_is_read(text: str) -> None:
    found = position(text)
    assert found is not None
    assert distance_m(found.lon, found.lat, LON, LAT) <= found.accuracy_m + 5.0  # the text itself is rounded
    assert found.accuracy_m < 50.0
    assert found.words in text
    assert found.note == FORMS[text]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.5 2.5",
        "36.8",
        "route 34 to 45",
        "call 0722 123 456 or +254 733 456 789",
        "call 0722.123456, 34.123456",
        "KES 1,500 and 34,768",
        "watu 1,234 34,768",
        "bei 2.50 38.75",
        "sh 2.500, 38.250",
        "unga 2.500 kg 38.250 kg",
        "3.000 36.000 km",
        "temperature 36.75 38.10",
        "12.05.2026 34.100",
        "2026-04-26 05:30 34.100",
        "saa 5.30 hadi 38.15",
        "192.168.34.100 1.34.36.78",
        "v1.234.5 34.567.8",
        "ref 34.567.0.123",
        "S 0 E 35",
        "lat 0 long 35",
        "5 30 34 46",
        "0°75'30\"S 34°45'42\"E",
        "0.0917S 34.7617S",
        "51.5074, -0.1278",
        "200.123, 34.123",
        "https://www.google.com/maps/@51.5074,-0.1278,15z",
        "https://maps.app.goo.gl/abcDEF123",
        "37 men 12345 12345",
        "room 37 M 123456",
        "till 345678 account 9989860",
        "37MXX1234567890",
        "22+23=45",
        "6GFPWQ5+8M",
        "6G000000+",
    ],
)
def test_other_numbers_are_not_positions(text: str) -> None:
    assert position(text) is None


def test_two_decimals_need_more_than_themselves() -> None:
    assert position("0.09 34.76") is None
    for text in ("-0.09 34.76", "gps 0.09 34.76", "niko location: 0.09, 34.76", "0.09N 34.76E", "lat 0.09 lon 34.76"):
        assert position(text) is not None, text


def test_the_fewer_digits_the_rougher_the_position() -> None:
    sizes = []
    for text in ("-0.1 S 34.8 E", "-0.09 34.76", "-0.092 34.762", "-0.09170 34.76170"):
        found = position(text)
        assert found is not None
        sizes.append(round(found.accuracy_m))
    assert sizes == [7872, 787, 79, 10]
    uncertain = position("geo:-0.0917,34.7617;u=35")
    assert uncertain is not None
    assert uncertain.accuracy_m == 35.0


def test_the_first_position_of_several_is_read_and_a_link_before_words() -> None:
    first = position("from -0.1000, 34.7000 to -0.2000, 34.8000")
    link = position("-0.1000, 34.7000 https://maps.google.com/?q=-0.2000,34.8000")
    assert first is not None
    assert link is not None
    assert (first.lon, link.lon) == (34.7, 34.8)


# --- any point of Kenya, in any form -------------------------------------------------------------------------------

POINTS = st.tuples(st.floats(33.9, 41.9), st.floats(-4.7, 5.4))


def reads(text: str, lon: float, lat: float) -> Written:
    found = position(f"Niko hapa {text} tafadhali")
    assert found is not None, text
    assert distance_m(found.lon, found.lat, lon, lat) <= found.accuracy_m + 0.01, text
    return found


def parts(value: float, decimals: int) -> tuple[int, int, str]:
    """Degrees, minutes and the text of the seconds, rounded as a device does: never 60."""
    units = round(abs(value) * 3600 * 10**decimals)
    degrees, rest = divmod(units, 3600 * 10**decimals)
    minutes, seconds = divmod(rest, 60 * 10**decimals)
    whole, fraction = divmod(seconds, 10**decimals)
    return degrees, minutes, f"{whole:02d}" + (f".{fraction:0{decimals}d}" if decimals else "")


@given(POINTS, st.integers(3, 8), st.sampled_from([", ", ",", " ", ";", " / ", "\n"]), st.booleans())
def test_decimal_degrees(point: tuple[float, float], digits: int, between: str, comma: bool) -> None:
    lon, lat = point
    y, x = f"{lat:.{digits}f}", f"{lon:.{digits}f}"
    if comma:
        y, x, between = y.replace(".", ","), x.replace(".", ","), "; " if "," in between else between
        if digits == 3:
            y, x = f"lat {y}", f"long {x}"  # 1,234 alone may be a thousand
    reads(f"{y}{between}{x}", lon, lat)


@given(POINTS, st.integers(2, 6), st.sampled_from(["{y}{ns} {x}{ew}", "{ns}{y} {ew}{x}", "{y} {ns}, {x} {ew}"]))
def test_decimal_degrees_with_letters(point: tuple[float, float], digits: int, form: str) -> None:
    lon, lat = point
    text = form.format(y=f"{abs(lat):.{digits}f}", x=f"{lon:.{digits}f}", ns="S" if lat < 0 else "N", ew="E")
    reads(text, lon, lat)


@given(
    POINTS,
    st.integers(0, 3),
    st.sampled_from(
        [
            "{d}°{m}'{s}\"{h}",
            "{d}° {m}\u2032 {s}\u2033 {h}",
            "{d}º{m}\u2019{s}\u201d {h}",
            "{d} {m} {s} {h}",
            "{d}:{m}:{s}{h}",
            "{h}{d} {m} {s}",
            "{h} {d}°{m}'{s}''",
            "{d}d {m}m {s}sec {h}",
        ]
    ),
)
def test_degrees_minutes_and_seconds(point: tuple[float, float], decimals: int, form: str) -> None:
    lon, lat = point
    texts = []
    for value, letter in ((lat, "S" if lat < 0 else "N"), (lon, "E")):
        d, m, s = parts(value, decimals)
        texts.append(form.format(d=d, m=f"{m:02d}", s=s, h=letter))
    reads(", ".join(texts), lon, lat)
    reads(" ".join(texts), lon, lat)


@given(POINTS, st.integers(1, 5), st.sampled_from(["{h}{d} {m}", "{h}{d}°{m}'", "{d}° {m}' {h}", "{d} {m} {h}"]))
def test_degrees_and_minutes(point: tuple[float, float], decimals: int, form: str) -> None:
    lon, lat = point
    texts = []
    for value, letter in ((lat, "S" if lat < 0 else "N"), (lon, "E")):
        units = round(abs(value) * 60 * 10**decimals)
        degrees, minutes = divmod(units, 60 * 10**decimals)
        whole, fraction = divmod(minutes, 10**decimals)
        texts.append(form.format(d=degrees, m=f"{whole:02d}.{fraction:0{decimals}d}", h=letter))
    reads(" ".join(texts), lon, lat)


@given(POINTS, st.integers(4, 7), st.sampled_from([form for form in FORMS if "-0.0917" in form and "34.7617" in form]))
def test_every_form_that_has_decimals_at_any_point(point: tuple[float, float], digits: int, form: str) -> None:
    lon, lat = point
    bare = "-00.0917+034.7617/" in form or "-0.0917-34.7617" in form
    lat = max(-abs(lat), -4.7) if bare else lat  # south of the equator, and not farther than Kenya reaches
    text = form.replace("-0.0917", f"{lat:.{digits}f}").replace("34.7617", f"{lon:.{digits}f}")
    if "-00.0917" in form:
        text = f"{lat:08.{digits}f}+0{lon:.{digits}f}/"
    if "E34" in form and lat > 0:
        text = text.replace(f"{lat:.{digits}f}", f"N{lat:.{digits}f}")
    reads(text, lon, lat)


@given(POINTS, st.booleans())
@example((36.0001, -0.5), True)
def test_utm(point: tuple[float, float], last: bool) -> None:
    lon, lat = point
    zone, band = 36 if lon < 36 else 37, "M" if lat < 0 else "N"
    code = (32700 if lat < 0 else 32600) + zone
    easting, northing = pyproj.Transformer.from_crs(4326, code, always_xy=True).transform(lon, lat)
    x, y = f"{easting:.0f}", f"{northing:.0f}"
    if len(y) < 4:
        return  # within 10 km of the equator on its north: too short to be told from other numbers
    reads(f"{x}E {y}N {zone}{band}" if last else f"UTM {zone}{band} {x} {y}", lon, lat)
    reads(f"{zone} {band}, N {y}, E {x}", lon, lat)


def test_utm_on_the_datum_of_the_printed_maps() -> None:
    easting, northing = pyproj.Transformer.from_crs(4326, 21036, always_xy=True).transform(LON, LAT)
    text = f"36M {easting:.0f} {northing:.0f}"
    on_arc, not_said = position(f"Arc 1960 {text}"), position(text)
    assert on_arc is not None
    assert not_said is not None
    assert distance_m(on_arc.lon, on_arc.lat, LON, LAT) < 2.0
    assert 100.0 < distance_m(not_said.lon, not_said.lat, LON, LAT) < 500.0


@given(POINTS, st.integers(3, 5), st.sampled_from(["{z}{s}{e}{n}", "{z} {s} {e} {n}", "{z}{s} {e} {n}"]))
def test_the_military_grid(point: tuple[float, float], precision: int, form: str) -> None:
    lon, lat = point
    assume(abs(lat) > 1e-6)  # closer to the equator mgrs names a square of the one side in the band of the other
    code = mgrs.MGRS().toMGRS(lat, lon, MGRSPrecision=precision)
    e, n = code[5 : 5 + precision], code[5 + precision :]
    reads(form.format(z=code[:3], s=code[3:5], e=e, n=n), lon, lat)


@given(POINTS, st.sampled_from([6, 8, 10, 11]))
def test_full_plus_codes(point: tuple[float, float], digits: int) -> None:
    lon, lat = point
    code = plus_codes._first(lon, lat, 10)
    text = {6: f"{code[:6]}00+", 8: f"{code[:8]}+", 10: f"{code[:8]}+{code[8:]}", 11: f"{code[:8]}+{code[8:]}2"}[digits]
    reads(text, lon, lat)
    reads(text.lower(), lon, lat)


@given(POINTS, POINTS, st.sampled_from([2, 4]))
def test_short_plus_codes_are_the_nearest_that_end_so(
    point: tuple[float, float], near: tuple[float, float], left_out: int
) -> None:
    code = plus_codes._first(*point, 10)
    short = f"{code[left_out:8]}+{code[8:]}"
    lon, lat = recover(short.lower(), *near)
    span = 20.0 ** (2 - left_out // 2)
    assert abs(lon - near[0]) <= span / 2.0 + 1e-9
    assert abs(lat - near[1]) <= span / 2.0 + 1e-9
    assert plus_codes._first(lon, lat, 10)[left_out:] == code[left_out:]
    if max(abs(point[0] - near[0]), abs(point[1] - near[1])) < span / 2.0 - 0.001:
        assert distance_m(lon, lat, *point) < 10.0


@pytest.mark.parametrize(
    ("text", "code", "rest"),
    [
        ("WQ56+8M Kisumu", "WQ56+8M", "Kisumu"),
        ("moto wq56+8m, Kisumu haraka", "WQ56+8M", "moto , Kisumu haraka"),
        ("Kibuye FPWQ56+8M2", "FPWQ56+8M2", "Kibuye"),
    ],
)
def test_a_short_plus_code_is_found_beside_its_place(text: str, code: str, rest: str) -> None:
    found = short_plus(text)
    assert found is not None
    assert (found.code, found.rest) == (code, rest)
    assert found.words in text
    assert position(text) is None


@pytest.mark.parametrize("text", ["", "22+23", "2345+67", "call +254722", "6GFPWQ56+8M", "A+B", "C5+34", "1+1=2"])
def test_other_sums_are_no_short_plus_codes(text: str) -> None:
    assert short_plus(text) is None


@pytest.mark.parametrize("code", ["", "6GFPWQ56+8M", "WQ56", "AAAA+AA", "+8M"])
def test_what_is_no_short_code_is_refused(code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        recover(code, LON, LAT)
    assert refusal.value.code == "plus-code-malformed"

"""What we write: no fault, valid by the standard's schema, and read back as it was."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from alerts import cap
from alerts.cap import Alert, Area, Circle, Info, Named, Reference, Resource
from alerts.cap_reading import read
from alerts.cap_rules import check, faults
from alerts.cap_xml import circle_text, decimal_text, polygon_text, time_text, write
from alerts.lifecycle import cancel, draft, issue, update
from alerts.phrases import LANGUAGES
from alerts.plans import HAZARDS, SEVERITIES
from alerts.wording import bulletin
from geo.places import Rejected

SHARED = Path(__file__).parents[3] / "shared" / "data" / "interop" / "cap"
SENT = datetime(2026, 4, 26, 15, 0, tzinfo=cap.EAT)
AHERO = Area(
    description="Ahero, Kisumu",
    polygons=(((34.9, -0.2), (34.95, -0.2), (34.95, -0.15), (34.9, -0.2)),),
    circles=(Circle(lon=34.92, lat=-0.17, radius_km=2.5),),
    geocodes=(Named(cap.WARD_SCHEME, "KE.042.242.1208"),),
)
INFO = Info(
    language="en-KE",
    categories=("Met", "Safety"),
    event="Flood",
    response_types=("Evacuate",),
    urgency="Expected",
    severity="Severe",
    certainty="Likely",
    expires=SENT + timedelta(hours=6),
    headline="Danger: flood in Ahero",
    description="The Nyando at Ahero bridge stands at 4.6 m & rises <fast>.",
    instruction="Move to high ground now.",
    areas=(AHERO,),
)
ALERT = Alert(
    identifier="urn:uuid:0190f5a2-0000-7000-8000-000000000001",
    sender="warnings@kisumu.example.ke",
    sent=SENT,
    status="Actual",
    msg_type="Alert",
    scope="Public",
    infos=(INFO, msgspec.structs.replace(INFO, language="sw-KE", event="Mafuriko", headline="Hatari: mafuriko Ahero")),
)


def codes(alert: Alert) -> set[str]:
    return {fault.code for fault in faults(alert)}


def alert(**fields: object) -> Alert:
    return msgspec.structs.replace(ALERT, **fields)


def info(**fields: object) -> Alert:
    return alert(infos=(msgspec.structs.replace(INFO, **fields),))


def area(**fields: object) -> Alert:
    return info(areas=(msgspec.structs.replace(AHERO, **fields),))


def test_a_sound_alert_has_no_fault() -> None:
    assert check(ALERT) is ALERT
    assert ALERT.expires == SENT + timedelta(hours=6)
    assert ALERT.geocodes() == ("KE.042.242.1208",)


EARLIER = Reference(sender="a@b.example.ke", identifier="1", sent=SENT)
CASES: list[tuple[Alert, str]] = [
    (alert(identifier=""), "identifier-characters"),
    (alert(identifier="a b"), "identifier-characters"),
    (alert(sender="a,b"), "sender-characters"),
    (alert(sender="a<b"), "sender-characters"),
    (alert(sender="a&b"), "sender-characters"),
    (alert(sent=datetime(2026, 4, 26)), "time-without-offset"),  # noqa: DTZ001 - the fault under test
    (alert(sent=SENT.replace(microsecond=5)), "time-precision"),
    (alert(sent=SENT.replace(tzinfo=timezone(timedelta(hours=3, seconds=7)))), "time-offset"),
    (alert(status="actual"), "value-unknown"),
    (alert(msg_type="Warn", references=(EARLIER,)), "value-unknown"),
    (alert(scope="Secret"), "value-unknown"),
    (alert(status="Exercise"), "note-missing"),
    (alert(msg_type="Error", references=(EARLIER,)), "note-missing"),
    (alert(scope="Restricted"), "restriction-missing"),
    (alert(restriction="police"), "restriction-unexpected"),
    (alert(scope="Private"), "addresses-missing"),
    (alert(scope="Private", addresses=('a"b',)), "list-entry"),
    (alert(msg_type="Update"), "references-missing"),
    (alert(msg_type="Cancel"), "references-missing"),
    (alert(references=(EARLIER,)), "references-unexpected"),
    (alert(msg_type="Update", references=(ALERT.reference,)), "references-itself"),
    (
        alert(msg_type="Update", references=(Reference(sender="x y", identifier="1", sent=SENT),)),
        "reference-characters",
    ),
    (alert(infos=()), "info-missing"),
    (alert(infos=(INFO, msgspec.structs.replace(INFO, severity="Minor"))), "infos-disagree"),
    (alert(note="bell\x07"), "text-characters"),
    (info(description="half \ud800"), "text-characters"),
    (info(categories=()), "category-missing"),
    (info(categories=("Weather",)), "value-unknown"),
    (info(response_types=()), "response-missing"),
    (info(response_types=("Run",)), "value-unknown"),
    (info(event=" "), "event-missing"),
    (info(language="en_KE"), "language-malformed"),
    (info(urgency="Now"), "value-unknown"),
    (info(web="kisumu.example.ke"), "web-malformed"),
    (info(parameters=(Named("", "x"),)), "value-name-missing"),
    (info(expires=None), "expires-missing"),
    (info(expires=SENT), "expires-past"),
    (info(effective=SENT + timedelta(days=1)), "expires-past"),
    (info(onset=datetime(2026, 4, 26)), "time-without-offset"),  # noqa: DTZ001 - the fault under test
    (info(headline="x" * 161), "headline-long"),
    (info(areas=()), "area-missing"),
    (info(resources=(Resource(description="", mime_type="image/png"),)), "resource-description-missing"),
    (info(resources=(Resource(description="x", mime_type="png"),)), "mime-type-missing"),
    (info(resources=(Resource(description="x", mime_type="image/png", size=-1),)), "resource-size"),
    (area(description=""), "area-description-missing"),
    (area(description="x" * 51), "area-description-long"),
    (area(polygons=(AHERO.polygons[0][:3],)), "polygon-open"),
    (area(polygons=((*AHERO.polygons[0][:-1], (1.0, 1.0)),)), "polygon-open"),
    (area(polygons=(((0.0, 0.0), (0.0, 95.0), (1.0, 1.0), (0.0, 0.0)),)), "position-out-of-range"),
    (area(circles=(Circle(lon=float("nan"), lat=0.0, radius_km=1.0),)), "position-out-of-range"),
    (area(circles=(Circle(lon=34.0, lat=0.0, radius_km=-1.0),)), "circle-radius"),
    (area(circles=(Circle(lon=34.0, lat=0.0, radius_km=0.0),)), "circle-empty"),
    (area(geocodes=(Named(" ", "KE"),)), "geocode-scheme"),
    (area(ceiling=100.0), "altitude-missing"),
    (area(polygons=(), circles=(), geocodes=()), "area-without-place"),
]


@pytest.mark.parametrize(("wrong", "code"), CASES, ids=[f"{i}-{code}" for i, (_, code) in enumerate(CASES)])
def test_what_is_wrong_is_named_and_never_written(wrong: Alert, code: str) -> None:
    assert codes(wrong) == {code}
    with pytest.raises(Rejected) as refused:
        write(wrong)
    assert refused.value.code == "cap-invalid"


def test_a_message_with_many_faults_names_them_all_at_once() -> None:
    bad = alert(identifier="", sender="", infos=(msgspec.structs.replace(INFO, event="", expires=None),))
    assert codes(bad) == {"identifier-characters", "sender-characters", "event-missing", "expires-missing"}


def test_house_rules_are_for_us_only() -> None:
    theirs = area(description="x" * 60)
    assert faults(theirs)
    assert not faults(theirs, house=False)


def test_times_have_an_offset_in_digits_and_utc_is_minus_zero() -> None:
    assert time_text(SENT) == "2026-04-26T15:00:00+03:00"
    assert time_text(SENT.astimezone(UTC)) == "2026-04-26T12:00:00-00:00"
    assert time_text(SENT.astimezone(timezone(timedelta(hours=-6, minutes=-30)))) == "2026-04-26T05:30:00-06:30"
    assert time_text(cap.east_africa(datetime(2026, 4, 26, 23, 59, 59, 999, tzinfo=UTC))) == "2026-04-27T02:59:59+03:00"


def test_positions_turn_to_lat_lon_in_one_place() -> None:
    assert polygon_text(((34.9, -0.2), (35.0, 0.0))) == "-0.2,34.9 0,35"
    assert circle_text(AHERO.circles[0]) == "-0.17,34.92 2.5"
    assert decimal_text(-1e-9) == "0"
    assert decimal_text(1e-5) == "0.00001"


def test_text_is_escaped_and_lists_are_quoted() -> None:
    private = alert(scope="Private", addresses=("one", "two words"), incidents=("K7Q-2MF",))
    text = write(private).decode()
    assert "4.6 m &amp; rises &lt;fast&gt;" in text
    assert '<addresses>one "two words"</addresses>' in text
    assert read(write(private)).alert == private


SAFE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=30
).map(lambda text: " ".join(text.split()))
SOME = SAFE.filter(bool)
TOKENS = st.text("abcdefghijklmnopqrstuvwxyz0123456789.:-@_\u00e9", min_size=1, max_size=30)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(
    datetime(1970, 1, 2), datetime(2900, 1, 1), timezones=OFFSETS  # noqa: DTZ001 - the strategy adds the offset
).map(lambda at: at.replace(microsecond=0))  # fmt: skip
DEGREES = st.floats(-90, 90).map(lambda value: round(value, 6) + 0.0)
POSITIONS = st.tuples(st.floats(-180, 180).map(lambda value: round(value, 6) + 0.0), DEGREES)
RINGS = st.lists(POSITIONS, min_size=3, max_size=6).map(lambda ring: (*ring, ring[0]))
NAMED = st.builds(Named, SOME, SAFE)


def tuples(strategy: st.SearchStrategy[object], least: int = 0, most: int = 3) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


AREAS = st.builds(
    Area,
    description=SOME.map(lambda text: text[:50].strip() or "x"),
    polygons=tuples(RINGS),
    circles=tuples(
        st.builds(
            lambda position, radius: Circle(lon=position[0], lat=position[1], radius_km=radius),
            POSITIONS,
            st.floats(0.001, 20000).map(lambda km: round(km, 6)),
        )
    ),
    geocodes=tuples(st.builds(Named, SOME, SOME), 1),
    altitude=st.floats(-1000, 50000).map(lambda feet: round(feet, 3) + 0.0),
    ceiling=st.none() | st.floats(0, 50000).map(lambda feet: round(feet, 3)),
)
RESOURCES = st.builds(
    Resource,
    description=SOME,
    mime_type=st.sampled_from(["image/png", "application/pdf"]),
    size=st.none() | st.integers(0, 2**40),
    uri=st.sampled_from(["", "https://kisumu.example.ke/a.png"]),
    deref_uri=st.sampled_from(["", "aGVsbG8="]),
    digest=st.sampled_from(["", "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"]),
)
WORDS: Callable[[object], st.SearchStrategy[object]] = lambda kind: st.sampled_from(kind.__args__)  # type: ignore[attr-defined]  # noqa: E731


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    sent = draw(TIMES)
    urgency, severity, certainty = draw(st.tuples(WORDS(cap.Urgency), WORDS(cap.Severity), WORDS(cap.Certainty)))
    infos = draw(
        tuples(
            st.builds(
                Info,
                language=st.sampled_from(["en-KE", "sw-KE", "luo-KE", "guz-KE", "en"]),
                categories=tuples(WORDS(cap.Category), 1).map(lambda found: tuple(dict.fromkeys(found))),
                event=SOME,
                response_types=tuples(WORDS(cap.ResponseType), 1).map(lambda found: tuple(dict.fromkeys(found))),
                urgency=st.just(urgency),
                severity=st.just(severity),
                certainty=st.just(certainty),
                audience=SAFE,
                event_codes=tuples(NAMED),
                effective=st.none() | st.just(sent),
                onset=st.none() | TIMES,
                expires=st.integers(1, 10**7).map(lambda seconds: sent + timedelta(seconds=seconds)),
                sender_name=SAFE,
                headline=SAFE,
                description=SAFE,
                instruction=SAFE,
                web=st.sampled_from(["", "https://kisumu.example.ke/w?a=1&b=2"]),
                contact=SAFE,
                parameters=tuples(NAMED),
                resources=tuples(RESOURCES),
                areas=tuples(AREAS, 1),
            ),
            1,
        )
    )
    kind = draw(WORDS(cap.MsgType))
    scope = draw(WORDS(cap.Scope))
    reference = st.builds(Reference, sender=TOKENS, identifier=TOKENS, sent=TIMES)
    listed = tuples(st.from_regex(r"[a-z]+( [a-z]+)?", fullmatch=True), 1)
    return Alert(
        identifier=draw(TOKENS),
        sender=draw(TOKENS),
        sent=sent,
        status=draw(WORDS(cap.Status)),  # type: ignore[arg-type]  # drawn from the literal itself
        msg_type=kind,  # type: ignore[arg-type]  # drawn from the literal itself
        scope=scope,  # type: ignore[arg-type]  # drawn from the literal itself
        source=draw(SAFE),
        restriction=draw(SOME) if scope == "Restricted" else "",
        addresses=draw(listed) if scope == "Private" else (),  # type: ignore[arg-type]  # texts
        codes=draw(tuples(SOME)),  # type: ignore[arg-type]  # texts
        note=draw(SOME),
        references=() if kind == "Alert" else draw(tuples(reference, 1)),  # type: ignore[arg-type]  # references
        incidents=draw(tuples(TOKENS)),  # type: ignore[arg-type]  # texts
        infos=infos,  # type: ignore[arg-type]  # infos
    )


@settings(max_examples=80)
@given(alerts())
def test_whatever_we_write_is_read_back_as_it_was_without_a_flag(made: Alert) -> None:
    reading = read(write(made))
    assert reading.alert == made
    assert reading.flags == ()
    assert (reading.version, reading.signed) == ("1.2", False)
    assert msgspec.json.decode(msgspec.json.encode(made), type=Alert) == made


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    path = SHARED / "schema" / "CAP-v1.2.xsd"
    if not path.exists():
        pytest.skip("the CAP schema is not beside the repository (shared/data)")
    # The schema imports xmldsig's from its web address; nothing of it is needed for unsigned messages.
    text = path.read_bytes()
    return etree.XMLSchema(etree.fromstring(text, etree.XMLParser(no_network=True)))


@settings(max_examples=50)
@given(made=alerts())
def test_whatever_we_write_is_valid_by_the_standards_schema(schema: etree.XMLSchema, made: Alert) -> None:
    document = etree.fromstring(write(made))
    assert schema.validate(document), schema.error_log


def test_a_thousand_warnings_in_every_language_are_valid_and_their_identities_unique(schema: etree.XMLSchema) -> None:
    random = Random(42)
    identities = set()
    for n in range(1000):
        hazard, severity = random.choice(HAZARDS), random.choice(SEVERITIES)
        places = random.sample(["Ahero", "Kobura", "Kabonyo/Kanyagwal", "Ng'iya", "Bobasi Bogetaorio"], 3)
        texts = [
            bulletin(lang, hazard=hazard, severity=severity, places=places, minutes=random.choice([None, 5.0, 300.0]))
            for lang in LANGUAGES
        ]
        infos = tuple(
            msgspec.structs.replace(
                INFO,
                language=text.language,
                event=text.event,
                headline=text.headline,
                description=text.description,
                instruction=text.instruction,
                severity=severity,
            )
            for text in texts
        )
        made = alert(identifier=f"urn:uuid:{UUID(int=random.getrandbits(128), version=4)}", infos=infos)
        life = issue(draft(sender=made.sender, at=SENT, infos=infos), identifier=made.identifier, at=SENT)
        life = update(life, identifier=f"{made.identifier}.{n}", at=SENT + timedelta(minutes=n % 300), infos=infos[:2])
        life = cancel(life, identifier=f"{made.identifier}.x", at=SENT, reason="The water has gone.")
        for message in life.messages:
            document = etree.fromstring(write(message))
            assert schema.validate(document), schema.error_log
            identities.add((message.identifier, message.sender, message.sent))
    assert len(identities) == 3000

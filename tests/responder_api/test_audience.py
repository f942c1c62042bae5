from hypothesis import given
from hypothesis import strategies as st

from responder_api.audience import ANYBODY, ROLES, Role, Viewer, holds, is_area, keys, keys_of, may_see

# Few codes, so that areas often lie in one another and look-alikes (04 against 042) come up.
COUNTIES = ("042", "043", "004")
AREAS = (
    ["KE"]
    + [f"KE.{c}" for c in COUNTIES]
    + [f"KE.{c}.{s}" for c in COUNTIES for s in ("238", "239")]
    + [f"KE.{c}.{s}.{w}" for c in COUNTIES for s in ("238", "239") for w in ("1189", "1190")]
)
MALFORMED = ["", "KE.", "KE.04", "KE.042.", "ke.042", "KE.042.238.118", "UG.001", "*", "KE.042.238.1189.1", "KE.042\n"]
NAMES = ["a-1", "a-2", "r-1", "KE.042", ""]

areas = st.sampled_from(AREAS)
roles: st.SearchStrategy[Role] = st.sampled_from(["operator", "responder", "agency", "admin"])
entries = st.one_of(
    st.builds("{}:{}".format, roles, areas),
    st.builds(
        "{}:{}".format, st.sampled_from([*ROLES, "person", "Operator", "", "public"]), st.sampled_from(MALFORMED)
    ),
    st.builds("person:{}".format, st.sampled_from(NAMES)),
    st.sampled_from(["public", "public:", "Public", "operator", ":", "person"]),
    st.text(max_size=12),
)
audiences = st.lists(entries, max_size=5).map(tuple)
viewers = st.builds(
    lambda account, person, grants: Viewer(account=account, person=person, grants=frozenset(grants)),
    st.sampled_from(NAMES),
    st.sampled_from([*NAMES, None]),
    st.lists(st.tuples(roles, st.sampled_from([*AREAS, *MALFORMED])), max_size=4),
)


@given(viewers, audiences)
def test_the_rule_and_its_keys_agree(viewer: Viewer, audience: tuple[str, ...]) -> None:
    assert may_see(viewer, audience) == bool(keys_of(viewer) & keys(audience))


@given(viewers, audiences, audiences)
def test_a_longer_audience_never_hides(viewer: Viewer, one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert may_see(viewer, one + other) == (may_see(viewer, one) or may_see(viewer, other))


@given(audiences)
def test_a_stranger_sees_only_what_is_public(audience: tuple[str, ...]) -> None:
    assert may_see(ANYBODY, audience) == ("public" in audience)


@given(viewers, roles, areas)
def test_a_role_over_an_area_sees_exactly_what_lies_in_it(viewer: Viewer, role: Role, area: str) -> None:
    segments = area.split(".")
    expected = any(
        is_area(over)
        and over.split(".") == segments[: len(over.split("."))]
        and (held == role or (held == "admin" and role == "operator"))
        for held, over in viewer.grants
    )
    assert may_see(viewer, (f"{role}:{area}",)) == expected


@given(viewers, roles, areas)
def test_who_may_act_may_see(viewer: Viewer, role: Role, area: str) -> None:
    if holds(viewer, role, area):
        assert may_see(viewer, (f"{role}:{area}",))


def viewer(*grants: tuple[Role, str]) -> Viewer:
    return Viewer(account="a-1", person="r-1", grants=frozenset(grants))


def test_a_county_operator_sees_its_wards_and_not_the_next_county() -> None:
    operator = viewer(("operator", "KE.042"))
    assert may_see(operator, ("operator:KE.042.238.1189",))
    assert may_see(operator, ("operator:KE.042",))
    assert not may_see(operator, ("operator:KE",))
    assert not may_see(operator, ("operator:KE.043.238.1189",))
    assert not may_see(operator, ("agency:KE.042.238.1189",))


def test_an_area_is_matched_by_whole_segments() -> None:
    assert not may_see(viewer(("operator", "KE.04")), ("operator:KE.042",))


def test_what_cannot_be_read_lets_nobody_in() -> None:
    for area in MALFORMED:
        careless = viewer(("operator", area))
        assert not may_see(careless, (f"operator:{area}", f" operator:{area}", "operator"))


def test_an_admin_sees_as_an_operator_but_does_not_act_as_one() -> None:
    admin = viewer(("admin", "KE.042"))
    assert may_see(admin, ("operator:KE.042.238.1189",))
    assert not may_see(admin, ("responder:KE.042.238.1189",))
    assert not holds(admin, "operator", "KE.042.238.1189")
    assert holds(admin, "admin", "KE.042.238.1189")


def test_a_person_sees_what_is_addressed_to_their_account_or_their_responder() -> None:
    assert may_see(viewer(), ("person:a-1",))
    assert may_see(viewer(), ("person:r-1",))
    assert not may_see(viewer(), ("person:r-2",))
    assert not may_see(ANYBODY, ("person:",))


def test_nobody_sees_what_is_addressed_to_nobody() -> None:
    assert not may_see(viewer(("admin", "KE"), ("operator", "KE")), ())


def test_a_fan_out_asks_for_few_keys() -> None:
    assert keys(("operator:KE.042.238.1189", "person:r-1")) == {
        "operator:KE",
        "operator:KE.042",
        "operator:KE.042.238",
        "operator:KE.042.238.1189",
        "person:r-1",
    }

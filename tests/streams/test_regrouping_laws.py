"""Whatever is joined, moved, merged, split and undone: every incident adds up to its reports, and undoing undoes.

What an incident must add up to is worked out anew from the reports that are in it, by `alerts.evidence` and without the
step's own counts.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import scoring
from alerts.evidence import Score, Witness, evidence, trust_in
from alerts.plans import SEVERITIES
from geo.places import distance_m
from streams.events import (
    IncidentClosed,
    IncidentCloseRequested,
    IncidentGrew,
    IncidentMerged,
    IncidentMergeRequested,
    IncidentOpened,
    IncidentReopened,
    IncidentReopenRequested,
    IncidentSplit,
    IncidentSplitRequested,
    ReportDismissed,
    ReportJoinRequested,
    ReportLocated,
    RequestRefused,
)
from tests.streams.county import RIVER, SENDERS, SHORE, TEXTS, TOWN, County, body_of


def score(reports: list[ReportLocated], marks: int) -> Score:
    """Weigh reports from the beginning: each sender once, as their best voice."""
    best: dict[str, ReportLocated] = {}
    for report in reports:
        sender = report.reporter or report.report
        known = best.get(sender, report)
        best[sender] = min(
            known, report, key=lambda each: (-trust_in(each.source_kind), each.source_kind, each.channel)
        )
    witnesses = [Witness(sender=who, channel=each.channel, kind=each.source_kind) for who, each in best.items()]
    return evidence(witnesses, hoaxes=marks + sum(len(scoring.hoax_words(report.text)) for report in reports))


class Shadow:
    """What is in which incident, by what the facts say; nothing is counted here."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.own: dict[str, dict[str, bool]] = {}
        """Reports of each incident in their order, and whether each was joined by hand."""
        self.into: dict[str, str] = {}
        self.closed: set[str] = set()
        self.marks: dict[str, int] = {}
        self.place: dict[str, tuple[float, float]] = {}
        self.unsure: dict[str, float] = {}

    def home(self, report: str) -> str:
        return next((incident for incident, own in self.own.items() if report in own), "")

    def tree(self, incident: str) -> list[str]:
        return [incident, *(each for part, whole in self.into.items() if whole == incident for each in self.tree(part))]

    def root(self, incident: str) -> str:
        return self.root(self.into[incident]) if incident in self.into else incident

    def open(self) -> list[str]:
        return [each for each in self.own if each not in self.into and each not in self.closed]

    def follow(self, made: list[Any], *, by_hand: bool = False) -> None:
        for fact in made:
            if isinstance(fact, IncidentOpened):
                assert fact.incident not in self.own
                self.own[fact.incident] = {} if fact.split_from else {fact.report: False}
                self.place[fact.incident] = (fact.lon, fact.lat)
            elif isinstance(fact, IncidentGrew):
                self.own.get(self.home(fact.report), {}).pop(fact.report, None)
                self.own[fact.incident][fact.report] = by_hand
            elif isinstance(fact, IncidentSplit):
                for report in fact.reports:
                    self.own[fact.into][report] = self.own[self.home(report)].pop(report)
            elif isinstance(fact, IncidentMerged):
                self.into[fact.incident] = fact.into
            elif isinstance(fact, IncidentReopened):
                assert fact.out_of in ("", *self.open()), "it came out of what is over itself"
                assert self.into.pop(fact.incident, "") == fact.out_of
                self.closed.discard(fact.incident)
            elif isinstance(fact, IncidentClosed):
                self.closed.add(fact.incident)
        self.holds()

    def holds(self) -> None:
        """Check that every open incident is what its reports make of it, and stands where the best of its own is."""
        everything = [report for own in self.own.values() for report in own]
        assert len(everything) == len(set(everything))
        for incident in self.open():
            tree = self.tree(incident)
            reports = [self.county.reports[report] for part in tree for report in self.own[part]]
            assert reports, "an incident without a report is open"
            expected = score(reports, sum(self.marks.get(part, 0) for part in tree))
            worst = max((each.severity for each in reports), key=SEVERITIES.index)
            own = self.own[incident].items()
            best = min(own, key=lambda each: (each[1], self.county.reports[each[0]].how == "words"), default=None)
            if best is not None:
                self.place[incident] = (self.county.reports[best[0]].lon, self.county.reports[best[0]].lat)
                self.unsure[incident] = 1500.0 if self.county.reports[best[0]].how == "words" else 0.0
            severity, total, count, parts, place = self.county.figures(incident)
            assert (severity, total, count, parts) == (worst, expected.total, len(reports), expected.parts)
            assert place == self.place[incident]
            pointed_at = [
                self.county.reports[report]
                for part in tree
                for report, by_hand in self.own[part].items()
                if not by_hand and self.county.reports[report].how == "point"
            ]
            far = max((distance_m(place[0], place[1], each.lon, each.lat) for each in pointed_at), default=0.0)
            # A flood's scene is 500 m wide at least, and at most as wide as reports join it.
            scene_m = round(min(3000.0, max(500.0, self.unsure.get(incident, 0.0), far)), 1)
            assert self.county.scene_m(incident) == scene_m


DEEDS = st.tuples(
    st.sampled_from(("report", "report", "by hand", "dismiss", "dismiss", "move", "split", "close"))
    | st.sampled_from(("merge", "merge", "reopen")),
    st.integers(0, 1000),
    st.integers(0, 1000),
)


def pick(things: list[str], number: int) -> str:
    return things[number % len(things)] if things else "nobody"


def said(one: int, other: int) -> dict[str, Any]:
    return {
        "reporter": SENDERS[one % len(SENDERS)],
        "channel": ("web", "sms", "call")[other % 3],
        "source_kind": ("citizen", "chief", "health-promoter", "of no known kind")[one // 7 % 4],
        "severity": SEVERITIES[other // 3 % len(SEVERITIES)],
        "text": TEXTS[one // 5 % len(TEXTS)],
        "how": ("point", "words")[other // 11 % 2],
        "minutes": one % 90,
    }


def done(county: County, shadow: Shadow, deed: str, one: int, other: int) -> None:
    """Do one thing that an operator or citizen might do, sensible or not."""
    known, reports = list(shadow.own), list(county.reports)
    # Mostly what can be done, at times what cannot.
    open_ = shadow.open() if other % 5 else known
    over = [each for each in known if each not in open_] if one % 5 else known
    made_before = len(county.facts)
    if deed in ("report", "by hand"):
        spot = (TOWN, SHORE, RIVER)[one % 3]
        spot = (spot[0], spot[1] + other % 5 / 1000, spot[2])
        county.report(spot, **said(one, other), incident=pick(known, other) if deed == "by hand" and known else "")
        by_hand = deed == "by hand" and bool(known) and shadow.root(pick(known, other)) in shadow.open()
        shadow.follow(county.facts[made_before:], by_hand=by_hand)
    elif deed == "dismiss" and reports:
        report = pick(reports, one)
        home = shadow.home(report)
        if home:
            shadow.own[home].pop(report)
            shadow.marks[home] = shadow.marks.get(home, 0) + (other % 2)
        reason = "hoax" if other % 2 else "duplicate"
        shadow.follow(county.tell(ReportDismissed(report=report, reason=reason, by="k")))  # type: ignore[arg-type]  # one of the three
    elif deed == "move" and reports:
        body = ReportJoinRequested(report=pick(reports, one), incident=pick(known, other), by="k")
        shadow.follow(county.tell(body), by_hand=True)
    elif deed == "merge":
        shadow.follow(county.tell(IncidentMergeRequested(incident=pick(open_, one), into=pick(open_, other), by="k")))
    elif deed == "split":
        incident = pick(open_, one)
        there = [report for part in (shadow.tree(incident) if open_ else ()) for report in shadow.own[part]]
        some = tuple(report for n, report in enumerate(there or reports) if other >> n % 10 & 1)
        shadow.follow(county.tell(IncidentSplitRequested(incident=incident, reports=some, by="k")))
    elif deed == "reopen":
        shadow.follow(county.tell(IncidentReopenRequested(incident=pick(over, one), by="k")))
    elif deed == "close":
        shadow.follow(county.tell(IncidentCloseRequested(incident=pick(known, one), by="k", reason="over")))


@given(st.lists(DEEDS, min_size=8, max_size=40))
@settings(max_examples=400, deadline=None)
def test_whatever_operators_do_every_incident_adds_up_to_its_reports(deeds: list[tuple[str, int, int]]) -> None:
    county = County()
    shadow = Shadow(county)
    for deed, one, other in deeds:
        done(county, shadow, deed, one, other)


REPORTS = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=2, max_size=8)


@given(REPORTS, st.data())
@settings(deadline=None)
def test_what_is_split_and_merged_back_adds_up_to_the_same(reports: list[tuple[int, int]], data: st.DataObject) -> None:
    county = County()
    ids = [county.report(SHORE, **said(one, other)) for one, other in reports]
    incident = county.of(ids[0])
    ids = [report for report in ids if county.of(report) == incident]
    before = county.figures(incident)
    some = data.draw(st.lists(st.sampled_from(ids), unique=True, max_size=max(0, len(ids) - 1)))
    made = county.tell(IncidentSplitRequested(incident=incident, reports=tuple(some), by="k"))
    if not some:
        assert body_of(made, RequestRefused).detail == "no report is named"
        return
    new = body_of(made, IncidentSplit).into
    assert county.figures(incident)[2] + county.figures(new)[2] == len(ids)
    county.tell(IncidentMergeRequested(incident=new, into=incident, by="k"))
    assert county.figures(incident)[:4] == before[:4]


@given(REPORTS, REPORTS, REPORTS)
@settings(deadline=None)
def test_what_is_merged_and_taken_out_again_is_as_it_was(
    mine: list[tuple[int, int]], theirs: list[tuple[int, int]], meanwhile: list[tuple[int, int]]
) -> None:
    # Whatever is reported in between, both are as if they had never been one: `never` is the same day without it.
    merged, never = County(), County()
    figures = []
    for county in (merged, never):
        here = county.report(SHORE, **said(*mine[0]))
        there = county.report(RIVER, **said(*theirs[0]))
        for one, other in mine[1:]:
            county.report(SHORE, **said(one, other), incident=county.of(here))
        for one, other in theirs[1:]:
            county.report(RIVER, **said(one, other), incident=county.of(there))
        if county is merged:
            body_of(
                county.tell(IncidentMergeRequested(incident=county.of(there), into=county.of(here), by="k")),
                IncidentMerged,
            )
        for n, (one, other) in enumerate(meanwhile):
            report = county.report(SHORE, **said(one, other), incident=county.of(here))
            if n % 3 == 2:
                county.tell(ReportDismissed(report=report, reason="duplicate", by="k"))
        if county is merged:
            again = body_of(county.tell(IncidentReopenRequested(incident=county.of(there), by="k")), IncidentReopened)
            assert again.out_of == county.of(here)
        figures.append((county.figures(county.of(here)), county.figures(county.of(there))))
    assert figures[0] == figures[1]

"""Joining, moving, merging, splitting and undoing, one by one, and what cannot be done."""

from streams.events import (
    AnyBody,
    Candidate,
    IncidentCloseRequested,
    IncidentMerged,
    IncidentMergeRequested,
    IncidentOpened,
    IncidentReopened,
    IncidentReopenRequested,
    IncidentRescored,
    IncidentSplit,
    IncidentSplitRequested,
    ReportDismissed,
    ReportJoinRequested,
    ReportPlaced,
    RequestRefused,
)
from tests.streams.county import RIVER, SENDERS, SHORE, TOWN, County, body_of


def test_an_incident_with_many_reports_is_taken_apart_and_put_together_again() -> None:
    county = County()
    ids = [county.report(SHORE, reporter=f"+2547110{n:05}", minutes=n % 50) for n in range(100)]
    incident = county.of(ids[0])
    before = county.figures(incident)
    assert before[2] == 100
    made = county.tell(
        IncidentSplitRequested(incident=incident, reports=tuple(ids[20:80]), by="k", reason="the school")
    )
    opened, split = body_of(made, IncidentOpened), body_of(made, IncidentSplit)
    assert (opened.reports, opened.split_from, opened.incident) == (60, incident, split.into)
    assert set(split.reports) == set(ids[20:80])
    assert opened.report == split.reports[0] == ids[49], "it takes its place from the first of them, 49 minutes ago"
    assert county.reports[opened.report].text == opened.text
    assert body_of(made, IncidentRescored).reports == 40
    county.tell(IncidentMergeRequested(incident=split.into, into=incident, by="k"))
    assert county.figures(incident)[:4] == before[:4]
    again = body_of(county.tell(IncidentReopenRequested(incident=split.into, by="k")), IncidentReopened)
    assert (again.reports, county.figures(incident)[2]) == (60, 40)


def test_a_report_finds_what_was_opened_again_and_what_moved() -> None:
    county = County()
    first = county.report(SHORE, reporter=SENDERS[0])
    county.tell(IncidentCloseRequested(incident=county.of(first), by="k", reason="over"))
    county.tell(IncidentReopenRequested(incident=county.of(first), by="k"))
    assert county.of(county.report(SHORE, reporter=SENDERS[1])) == county.of(first)
    other = county.report(RIVER)
    county.tell(IncidentMergeRequested(incident=county.of(other), into=county.of(first), by="k"))
    county.tell(IncidentReopenRequested(incident=county.of(other), by="k"))
    assert county.of(county.report(RIVER, reporter=SENDERS[2])) == county.of(other)
    # What was only at the shore stands at the river once its reports from the shore are gone.
    far = county.report(TOWN, hazard="fire")
    moved = county.report(RIVER, hazard="fire", incident=county.of(far))
    county.tell(ReportDismissed(report=far, reason="duplicate", by="k"))
    assert county.of(county.report(RIVER, hazard="fire")) == county.of(moved)
    assert county.of(county.report(TOWN, hazard="fire")) != county.of(moved)


def test_a_report_that_left_takes_its_time_with_it() -> None:
    county = County()
    early = county.report(SHORE, minutes=170)
    late = county.report(SHORE, minutes=0)
    incident = county.of(early)
    assert county.of(late) == incident
    county.tell(IncidentSplitRequested(incident=incident, reports=(early,), by="k"))
    county.tell(IncidentCloseRequested(incident=county.of(early), by="k", reason="over"))
    # Three hours is how long one flood lasts: five before now is near the first report, and far from the second.
    alone = county.report(SHORE, minutes=300)
    assert county.of(alone) != incident
    county.tell(IncidentCloseRequested(incident=county.of(alone), by="k", reason="over"))
    part = county.report(RIVER, minutes=170)
    county.tell(IncidentMergeRequested(incident=county.of(part), into=incident, by="k"))
    with_part = county.report(SHORE, minutes=301)
    assert county.of(with_part) == incident, "what is part of it is part of its time"
    county.tell(ReportDismissed(report=with_part, reason="duplicate", by="k"))
    county.tell(IncidentReopenRequested(incident=county.of(part), by="k"))
    assert county.of(county.report(SHORE, minutes=302)) != incident


def test_what_cannot_be_done_is_refused_in_words() -> None:
    county = County()
    one, other = county.report(SHORE), county.report(RIVER)
    a, b = county.of(one), county.of(other)

    def refused(body: AnyBody) -> str:
        (fact,) = county.tell(body)
        assert isinstance(fact, RequestRefused)
        assert fact.code == "conflict"
        return fact.detail

    assert refused(IncidentReopenRequested(incident=a, by="k")) == "the incident is open"
    assert refused(IncidentSplitRequested(incident=a, reports=(one,), by="k")) == "nothing would remain of it"
    assert "1 of the 2" in refused(IncidentSplitRequested(incident=a, reports=(one, other), by="k"))
    assert "already" in refused(ReportJoinRequested(report=one, incident=a, by="k"))
    assert "no such incident" in refused(ReportJoinRequested(report=one, incident="nobody", by="k"))
    county.tell(IncidentMergeRequested(incident=a, into=b, by="k"))
    assert "not open" in refused(ReportJoinRequested(report=other, incident=a, by="k"))
    assert "already" in refused(ReportJoinRequested(report=one, incident=b, by="k"))
    assert "not open" in refused(IncidentCloseRequested(incident=a, by="k", reason="over"))
    county.tell(IncidentCloseRequested(incident=b, by="k", reason="over"))
    assert "closed: open that one again first" in refused(IncidentReopenRequested(incident=a, by="k"))
    third = county.report(TOWN)
    assert "closed" in refused(ReportJoinRequested(report=one, incident=county.of(third), by="k"))
    county.tell(IncidentReopenRequested(incident=b, by="k"))
    county.tell(IncidentMergeRequested(incident=b, into=county.of(third), by="k"))
    assert "take that one out again first" in refused(IncidentReopenRequested(incident=a, by="k"))
    county.tell(ReportDismissed(report=third, reason="hoax", by="k"))
    assert "dismissed" in refused(ReportJoinRequested(report=third, incident=county.of(third), by="k"))
    alone = county.report(TOWN, hazard="fire")
    county.tell(ReportDismissed(report=alone, reason="hoax", by="k"))
    assert "none of its reports" in refused(IncidentReopenRequested(incident=county.of(alone), by="k"))


def test_who_watched_what_is_merged_watches_the_whole() -> None:
    county = County()
    beside = Candidate(ward=RIVER[0], name="x", confidence=0.2, why="40 m away", lon=34.9, lat=-0.2, metres=40.0)
    part = county.of(county.report(SHORE, candidates=(beside,)))
    into = county.of(county.report(TOWN, hazard="fire"))
    fact = body_of(county.tell(IncidentMergeRequested(incident=part, into=into, by="k")), IncidentMerged)
    assert fact.observers == (SHORE[0], RIVER[0])
    assert list(fact.observers_m) == [SHORE[0], RIVER[0]]
    watching = tuple(f"operator:{ward}" for ward in (TOWN[0], SHORE[0], RIVER[0]))
    assert tuple(entry for entry in county.seen_by if entry.startswith("operator:")) == watching
    # And so it stays: also for what is merged in turn, whose own ward does not watch itself.
    shore = county.of(county.report(SHORE))
    fact = body_of(county.tell(IncidentMergeRequested(incident=into, into=shore, by="k")), IncidentMerged)
    assert fact.observers == (TOWN[0], RIVER[0])


def test_a_report_that_waits_is_sent_to_its_place_first() -> None:
    county = County()
    incident = county.of(county.report(SHORE))
    (placed,) = county.tell(ReportJoinRequested(report="waiting", incident=incident, by="kisumu"))
    assert placed == ReportPlaced(
        report="waiting", lon=SHORE[1], lat=SHORE[2], by="kisumu", ward=SHORE[0], incident=incident
    )
    # What was chosen counts, however far away and of whatever kind it is.
    far = county.report(RIVER, hazard="fire", incident=incident)
    assert county.of(far) == incident
    county.tell(IncidentCloseRequested(incident=incident, by="k", reason="over"))
    assert county.of(county.report(SHORE, incident=incident)) != incident, "it was closed on the way"

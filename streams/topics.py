"""Every topic: its name, what it is keyed by, what it carries, how long it is kept.

A topic's key decides what is kept in order and where a step's state lives: one county's work, or one station's series.
The embedded host keeps all topics in one log; on Kafka each is a topic of this name.
"""

import msgspec

from streams import events as e

LARGEST_RECORD = 4 << 20
"""Bytes of the largest record that a topic takes: a full request at the door, and the dead letter that quotes it."""
LARGEST_BATCH = LARGEST_RECORD + 4096
"""Bytes that a topic takes at once: the largest record, and what Kafka puts around it."""


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One topic. `keep_days` is how long Kafka keeps it; the embedded log keeps everything."""

    name: str
    key: str
    carries: tuple[type[e.Body], ...]
    keep_days: int
    about: str
    partitions: int = 12
    compact: bool = False


INBOUND = Topic(
    name="dharura.inbound",
    key="area of the line that was called",
    carries=(e.SmsReceived,),
    keep_days=30,
    about="Text messages as the gateway gave them, before anybody decided what they are.",
)
REPORTS = Topic(
    name="dharura.reports",
    key="county area",
    carries=(
        e.ReportReceived,
        e.ReportLocated,
        e.ReportUnlocated,
        e.ReportRepeated,
        e.ReportPlaced,
        e.ReportJoinRequested,
        e.ReportDismissed,
        e.QuestionAsked,
    ),
    keep_days=365,
    about="What citizens and officers said, where it is, and what operators made of it.",
)
READINGS = Topic(
    name="dharura.readings",
    key="station id",
    carries=(e.ReadingsReceived, e.ReadingsJudged),
    keep_days=90,
    about="Sensor readings in batches, and what became of them.",
)
LEVELS = Topic(
    name="dharura.levels",
    key="county area",
    carries=(e.LevelCrossed, e.CrossingCorrected),
    keep_days=3650,
    about="Marks that a river, lake or rain series crossed, up or down.",
)
INCIDENTS = Topic(
    name="dharura.incidents",
    key="county area",
    carries=(
        e.IncidentOpened,
        e.IncidentGrew,
        e.IncidentRescored,
        e.IncidentMergeRequested,
        e.IncidentMerged,
        e.IncidentSplitRequested,
        e.IncidentSplit,
        e.IncidentReopenRequested,
        e.IncidentReopened,
        e.IncidentCloseRequested,
        e.IncidentClosed,
        e.RequestRefused,
    ),
    keep_days=3650,
    about="What is going on: opened, grown, merged, split, closed, opened again.",
)
ALERTS = Topic(
    name="dharura.alerts",
    key="county area",
    carries=(
        e.AlertDrafted,
        e.AlertApproved,
        e.AlertApprovalOverdue,
        e.AlertRejected,
        e.AlertIssued,
        e.WarningAddressed,
        e.AlertCancelRequested,
        e.AlertExpired,
        e.WarningPassedOn,
    ),
    keep_days=3650,
    about="CAP 1.2 alerts from draft to the word that they were passed on.",
)
RESPONDERS = Topic(
    name="dharura.responders",
    key="county area",
    carries=(e.ResponderEnrolled, e.ShiftChanged, e.PositionShared),
    keep_days=365,
    about="Who can be asked, whether on shift, and where.",
)
ASSIGNMENTS = Topic(
    name="dharura.assignments",
    key="county area",
    carries=(
        e.DispatchRequested,
        e.AssignmentOffered,
        e.AssignmentSeen,
        e.AnswerReceived,
        e.AssignmentAccepted,
        e.AssignmentDeclined,
        e.AssignmentExpired,
        e.AssignmentWithdrawn,
        e.AssignmentMoved,
        e.AssignmentProgressed,
        e.AnswerRefused,
        e.DispatchExhausted,
    ),
    keep_days=3650,
    about="Who was asked to go, why, by when, and what they answered.",
)
FENCES = Topic(
    name="dharura.fences",
    key="county area",
    carries=(e.FenceEntered, e.FenceDwelt, e.FenceLeft),
    keep_days=365,
    about="Who is at the scene of an incident, as their positions say.",
)
DESK = Topic(
    name="dharura.desk",
    key="county area",
    carries=(e.ClaimRequested, e.WorkClaimed, e.ReleaseRequested, e.WorkReleased),
    keep_days=365,
    about="Which operator works on what, and who took it over from whom.",
)
MESSAGES = Topic(
    name="dharura.messages",
    key="county area",
    carries=(
        e.MessageAsked,
        e.MessageRecalled,
        e.MessageTaken,
        e.MessageSent,
        e.MessageFailed,
        e.MessageDelivered,
    ),
    keep_days=365,
    about="What leaves the house, one message and channel at a time, with its receipts.",
)
DEADLINES = Topic(
    name="dharura.deadlines",
    key="county area or station id",
    carries=(e.DeadlineSet, e.DeadlineReached),
    keep_days=30,
    about="Times that a step asked to be called back at.",
)
FILING = Topic(
    name="dharura.filing",
    key="county area",
    carries=(e.Filed,),
    keep_days=365,
    about="When what is over left the live view.",
    partitions=1,
)
DEADLETTERS = Topic(
    name="dharura.deadletters",
    key="key of the event that could not be taken",
    carries=(e.DeadLettered, e.DeadLetterReplayed, e.DeadLetterDismissed),
    keep_days=365,
    about="What a step could not take: the original, the step and the reason.",
)

TOPICS = (
    INBOUND,
    REPORTS,
    READINGS,
    LEVELS,
    INCIDENTS,
    ALERTS,
    RESPONDERS,
    ASSIGNMENTS,
    FENCES,
    DESK,
    MESSAGES,
    DEADLINES,
    FILING,
    DEADLETTERS,
)

MIRRORED = "mirrored."
"""What stands before the name of a topic whose facts another system wrote: no step reads it."""
MIRRORABLE = (REPORTS, READINGS, LEVELS, INCIDENTS, ALERTS, ASSIGNMENTS, FENCES, FILING)
"""What another system may be shown: not the machinery of this one (texts, messages, deadlines), nor its people."""


def mirrored(topic: Topic) -> Topic:
    """Give the topic beside one of ours that takes what `dharura mirror` brings from other systems."""
    about = f"{topic.about} Of other systems, each with its `ce_origin`; no step is given them."
    return msgspec.structs.replace(topic, name=MIRRORED + topic.name, about=about)


MIRRORS = tuple(mirrored(topic) for topic in MIRRORABLE)
POSITIONS = Topic(
    name=MIRRORED + "positions",
    key="mirror, topic and partition",
    carries=(),
    keep_days=365,
    about="How far each mirror that writes here has read.",
    partitions=1,
    compact=True,
)

_TOPIC_OF: dict[type, Topic] = {body: topic for topic in TOPICS for body in topic.carries}


def carrier(kind: type[e.Body]) -> Topic:
    """Give the one topic that carries facts of a kind."""
    return _TOPIC_OF[kind]


def topic_of(body: e.AnyBody) -> Topic:
    """Give the one topic that carries this kind of fact."""
    return _TOPIC_OF[type(body)]

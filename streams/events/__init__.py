"""The contract: every fact that Dharura writes down.

You are at the middle of the road. The door (`responder_api`) writes the first fact of each story, the steps
(`streams.steps`) answer facts with facts, and everybody outside reads them. Which topic carries which fact is in
`streams.topics`; what each fact makes happen is in `streams.pipeline`.

An `Event` is an envelope and a body. The envelope says the same things of every fact (CloudEvents 1.0: id, source,
time, subject); the body is one of the frozen structs below, told apart by its `type`. Times are UTC; `at` is when it
happened in the world, `seen` when it reached us. A derived fact inherits `seen` from its cause, so that a replay writes
the same bytes.

Compatibility promise: fields are added with a default, never removed, renamed or retyped.
"""

from streams.events.desk import Claimable, ClaimRequested, ReleaseRequested, WorkClaimed, WorkReleased
from streams.events.dispatch import (
    AnswerReceived,
    AnswerRefused,
    AssignmentAccepted,
    AssignmentDeclined,
    AssignmentExpired,
    AssignmentMoved,
    AssignmentOffered,
    AssignmentProgressed,
    AssignmentSeen,
    AssignmentWithdrawn,
    DispatchExhausted,
    DispatchRequested,
)
from streams.events.envelope import CONTRACT, NAMESPACE, AnyBody, Event, Fact, audience, decode, derive, encode, stamp
from streams.events.fences import FenceDwelt, FenceEntered, FenceLeft, LeftFor
from streams.events.filing import Filed
from streams.events.gauges import (
    Arrival,
    CrossingCorrected,
    LevelCrossed,
    ReadingFlag,
    ReadingsJudged,
    ReadingsReceived,
)
from streams.events.incidents import (
    IncidentClosed,
    IncidentCloseRequested,
    IncidentGrew,
    IncidentMerged,
    IncidentMergeRequested,
    IncidentOpened,
    IncidentReopened,
    IncidentReopenRequested,
    IncidentRescored,
    IncidentSplit,
    IncidentSplitRequested,
    RequestRefused,
)
from streams.events.messages import (
    MessageAsked,
    MessageDelivered,
    MessageFailed,
    MessageRecalled,
    MessageSent,
    MessageTaken,
)
from streams.events.reports import (
    QuestionAsked,
    ReportDismissed,
    ReportJoinRequested,
    ReportLocated,
    ReportPlaced,
    ReportReceived,
    ReportRepeated,
    ReportUnlocated,
    SmsReceived,
)
from streams.events.responders import PositionShared, ResponderEnrolled, ShiftChanged
from streams.events.trouble import DeadLettered, DeadLetterReplayed, DeadlineReached, DeadlineSet
from streams.events.values import Answer, Body, Candidate, Ground, Hazard, Part, PositionOf, Severity
from streams.events.warnings import (
    AlertApprovalOverdue,
    AlertApproved,
    AlertCancelRequested,
    AlertDrafted,
    AlertExpired,
    AlertIssued,
    AlertRejected,
    WarningAddressed,
    WarningPassedOn,
)

__all__ = [
    "CONTRACT",
    "NAMESPACE",
    "AlertApprovalOverdue",
    "AlertApproved",
    "AlertCancelRequested",
    "AlertDrafted",
    "AlertExpired",
    "AlertIssued",
    "AlertRejected",
    "Answer",
    "AnswerReceived",
    "AnswerRefused",
    "AnyBody",
    "Arrival",
    "AssignmentAccepted",
    "AssignmentDeclined",
    "AssignmentExpired",
    "AssignmentMoved",
    "AssignmentOffered",
    "AssignmentProgressed",
    "AssignmentSeen",
    "AssignmentWithdrawn",
    "Body",
    "Candidate",
    "ClaimRequested",
    "Claimable",
    "CrossingCorrected",
    "DeadLetterReplayed",
    "DeadLettered",
    "DeadlineReached",
    "DeadlineSet",
    "DispatchExhausted",
    "DispatchRequested",
    "Event",
    "Fact",
    "FenceDwelt",
    "FenceEntered",
    "FenceLeft",
    "Filed",
    "Ground",
    "Hazard",
    "IncidentCloseRequested",
    "IncidentClosed",
    "IncidentGrew",
    "IncidentMergeRequested",
    "IncidentMerged",
    "IncidentOpened",
    "IncidentReopenRequested",
    "IncidentReopened",
    "IncidentRescored",
    "IncidentSplit",
    "IncidentSplitRequested",
    "LeftFor",
    "LevelCrossed",
    "MessageAsked",
    "MessageDelivered",
    "MessageFailed",
    "MessageRecalled",
    "MessageSent",
    "MessageTaken",
    "Part",
    "PositionOf",
    "PositionShared",
    "QuestionAsked",
    "ReadingFlag",
    "ReadingsJudged",
    "ReadingsReceived",
    "ReleaseRequested",
    "ReportDismissed",
    "ReportJoinRequested",
    "ReportLocated",
    "ReportPlaced",
    "ReportReceived",
    "ReportRepeated",
    "ReportUnlocated",
    "RequestRefused",
    "ResponderEnrolled",
    "Severity",
    "ShiftChanged",
    "SmsReceived",
    "WarningAddressed",
    "WarningPassedOn",
    "WorkClaimed",
    "WorkReleased",
    "audience",
    "decode",
    "derive",
    "encode",
    "stamp",
]

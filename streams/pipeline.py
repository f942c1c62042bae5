"""The pipeline: every step, which facts it hears, what it may write. This table is the whole of what happens.

Follow a message: find its fact in a `hears`, open the step's module, see what it yields, find that fact again. A new
step is one row here and one module in `streams/steps`; hosts know nothing of either.
"""

from streams import events as e
from streams import topics as t
from streams.handle import Step
from streams.steps.desk import desk
from streams.steps.dispatch import dispatch
from streams.steps.fences import fences
from streams.steps.filing import filing
from streams.steps.gauges import gauges
from streams.steps.inbox import inbox
from streams.steps.incidents import incidents
from streams.steps.notify import notify
from streams.steps.reports import reports
from streams.steps.warnings import warnings
from streams.world import World
from streams.worlds import Worlds


def pipeline(world: World | Worlds) -> tuple[Step, ...]:
    """Give the steps, in the order in which one event is offered to them, over one world or that of the day."""
    worlds = world if isinstance(world, Worlds) else Worlds(world)
    return (
        Step(
            name="inbox",  # a text message: answer or report?
            hears=(e.SmsReceived, e.ResponderEnrolled),
            writes=(t.REPORTS, t.ASSIGNMENTS),
            function=inbox,
        ),
        Step(
            name="reports",  # where, what, how bad
            hears=(e.ReportReceived, e.ReportPlaced, e.ReportDismissed, e.QuestionAsked),
            writes=(t.REPORTS, t.INCIDENTS),
            function=worlds.given_to(reports),
        ),
        Step(
            name="gauges",  # readings against marks
            hears=(e.ReadingsReceived,),
            writes=(t.READINGS, t.LEVELS),
            function=worlds.given_to(gauges),
        ),
        Step(
            name="incidents",  # reports and levels become one thing that is going on
            hears=(
                e.ReportLocated,
                e.ReportJoinRequested,
                e.ReportDismissed,
                e.LevelCrossed,
                e.CrossingCorrected,
                e.IncidentMergeRequested,
                e.IncidentSplitRequested,
                e.IncidentReopenRequested,
                e.IncidentCloseRequested,
            ),
            writes=(t.INCIDENTS, t.REPORTS),
            function=worlds.given_to(incidents),
        ),
        Step(
            name="warnings",  # a crossed mark becomes a CAP alert for the wards downstream
            hears=(
                e.LevelCrossed,
                e.CrossingCorrected,
                e.AlertApproved,
                e.AlertRejected,
                e.AlertCancelRequested,
                e.DeadlineReached,
            ),
            writes=(t.ALERTS, t.INCIDENTS, t.DEADLINES),
            function=worlds.given_to(warnings),
        ),
        Step(
            name="dispatch",  # who is asked, who goes, who is next
            hears=(
                e.IncidentOpened,
                e.IncidentGrew,
                e.IncidentRescored,
                e.IncidentMerged,
                e.IncidentReopened,
                e.IncidentClosed,
                e.AnswerReceived,
                e.DeadlineReached,
                e.DispatchRequested,
                e.ResponderEnrolled,
                e.ShiftChanged,
                e.PositionShared,
            ),
            writes=(t.ASSIGNMENTS, t.INCIDENTS, t.DEADLINES),
            function=worlds.given_to(dispatch),
        ),
        Step(
            name="fences",  # who is at the scene, by their positions
            hears=(
                e.IncidentOpened,
                e.IncidentGrew,
                e.IncidentRescored,
                e.IncidentMerged,
                e.IncidentReopened,
                e.IncidentClosed,
                e.ResponderEnrolled,
                e.ShiftChanged,
                e.PositionShared,
            ),
            writes=(t.FENCES,),
            function=fences,
        ),
        Step(
            name="desk",  # which operator works on what
            hears=(
                e.ClaimRequested,
                e.ReleaseRequested,
                e.ReportPlaced,
                e.ReportJoinRequested,
                e.ReportDismissed,
                e.IncidentMerged,
                e.IncidentClosed,
                e.AlertApproved,
                e.AlertRejected,
                e.AlertCancelRequested,
                e.DeadlineReached,
            ),
            writes=(t.DESK, t.INCIDENTS, t.DEADLINES),
            function=desk,
        ),
        Step(
            name="notify",  # what leaves the house, by which channel, in which words
            hears=(
                e.ReportLocated,
                e.ReportUnlocated,
                e.QuestionAsked,
                e.AssignmentOffered,
                e.AssignmentSeen,
                e.AssignmentAccepted,
                e.AssignmentDeclined,
                e.AssignmentExpired,
                e.AssignmentWithdrawn,
                e.AnswerRefused,
                e.WarningAddressed,
                e.ResponderEnrolled,
                e.DeadlineReached,
            ),
            writes=(t.MESSAGES, t.DEADLINES),
            function=worlds.given_to(notify),
        ),
        Step(
            name="filing",  # what is over leaves the live view a day later
            hears=(
                e.ReportRepeated,
                e.ReportDismissed,
                e.IncidentClosed,
                e.AlertIssued,
                e.AlertRejected,
                e.AlertExpired,
                e.MessageAsked,
                e.DeadlineReached,
            ),
            writes=(t.FILING, t.DEADLINES),
            function=filing,
        ),
    )

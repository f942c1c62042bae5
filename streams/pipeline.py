"""The pipeline: every step, what it reads, what it may write. This table is the whole of what happens.

Follow a message: find its topic in a `reads`, open the step's module, see what it yields, find that topic again. A new
step is one row here and one module in `streams/steps`; hosts know nothing of either.
"""

from functools import partial

from streams import topics as t
from streams.handle import Step
from streams.steps.dispatch import dispatch
from streams.steps.gauges import gauges
from streams.steps.inbox import inbox
from streams.steps.incidents import incidents
from streams.steps.notify import notify
from streams.steps.reports import reports
from streams.steps.warnings import warnings
from streams.world import World


def pipeline(world: World) -> tuple[Step, ...]:
    """Give the steps, in the order in which one event is offered to them."""
    return (
        Step(
            name="inbox",  # a text message: answer or report?
            reads=(t.INBOUND, t.RESPONDERS),
            writes=(t.REPORTS, t.ASSIGNMENTS),
            function=inbox,
        ),
        Step(
            name="reports",  # where, what, how bad
            reads=(t.REPORTS,),
            writes=(t.REPORTS,),
            function=partial(reports, world),
        ),
        Step(
            name="gauges",  # readings against marks
            reads=(t.READINGS,),
            writes=(t.READINGS, t.LEVELS),
            function=partial(gauges, world),
        ),
        Step(
            name="incidents",  # reports and levels become one thing that is going on
            reads=(t.REPORTS, t.LEVELS, t.INCIDENTS),
            writes=(t.INCIDENTS,),
            function=partial(incidents, world),
        ),
        Step(
            name="warnings",  # a crossed mark becomes a CAP alert for the wards downstream
            reads=(t.LEVELS, t.ALERTS, t.DEADLINES),
            writes=(t.ALERTS, t.DEADLINES),
            function=partial(warnings, world),
        ),
        Step(
            name="dispatch",  # who is asked, who goes, who is next
            reads=(t.INCIDENTS, t.ASSIGNMENTS, t.RESPONDERS, t.DEADLINES),
            writes=(t.ASSIGNMENTS, t.INCIDENTS, t.DEADLINES),
            function=partial(dispatch, world),
        ),
        Step(
            name="notify",  # what leaves the house, by which channel, in which words
            reads=(t.REPORTS, t.ASSIGNMENTS, t.ALERTS, t.RESPONDERS, t.DEADLINES),
            writes=(t.MESSAGES, t.DEADLINES),
            function=partial(notify, world),
        ),
    )

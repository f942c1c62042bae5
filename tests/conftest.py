"""What every test may rely on: system programs are declared, and skipping can be forbidden.

A test that starts a program of the operating system says so with `@pytest.mark.system("git")`; it is skipped where the
program is missing, and the summary tells how to get it. With `--no-skip` (as CI runs) any skip is a failure, so that a
part that never ran cannot pass for one that did. Fixtures of one package stand in that folder's own conftest.
"""

import shutil
from collections.abc import Generator

import pytest

WANTS_SYSTEM = "make system-deps"


def pytest_addoption(parser: pytest.Parser) -> None:
    # An option, not a variable: the server under test refuses DHARURA_* variables it does not know.
    parser.addoption("--no-skip", action="store_true", help="count every skipped test as failed")
    parser.addoption("--screenshots", default=".artefacts/screenshots", help="folder for pictures of the pages")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("system"):
        for program in mark.args:
            if shutil.which(program) is None:
                pytest.skip(f"{program} is not installed: {WANTS_SYSTEM}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if item.config.getoption("no_skip") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where skipping is forbidden: {_reason(report.longrepr)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if collector.config.getoption("no_skip") and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} skipped where skipping is forbidden: {_reason(report.longrepr)}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    wanting = [r for r in terminalreporter.stats.get("skipped", []) if WANTS_SYSTEM in _reason(r.longrepr)]
    if wanting:
        terminalreporter.write_line(f"{len(wanting)} skipped for want of a system program: {WANTS_SYSTEM}", yellow=True)


def _reason(longrepr: object) -> str:
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)

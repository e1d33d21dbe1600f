"""Counts the trainings whose work was seen without a declaration, and prints their share."""

import pytest

from ipyfootprint import probes

SEEN = "work seen"
LEAST_SHARE = 0.95


@pytest.fixture
def taken(record_property):
    """Takes a training's work, and remembers whether any was seen."""

    def take():
        work = probes.take()
        record_property(SEEN, work is not None)
        return work

    return take


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter):
    reports = [r for reports in terminalreporter.stats.values() for r in reports]
    calls = [r for r in reports if getattr(r, "when", "") == "call"]
    seen = [value for r in calls for name, value in r.user_properties if name == SEEN]
    if seen:
        share = sum(seen) / len(seen)
        terminalreporter.write_line(
            f"work seen without any declaration: {sum(seen)} of {len(seen)} trainings"
            f" ({share:.0%}; {LEAST_SHARE:.0%} wanted)",
            red=share < LEAST_SHARE,
        )

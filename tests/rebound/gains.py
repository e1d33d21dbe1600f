"""Made-up gains for tests: every figure chosen so that the sentence can be written by hand."""

from dataclasses import replace
from datetime import UTC, datetime

from ipyfootprint.rebound.history import Window
from ipyfootprint.rebound.volume import Rebound

AT = datetime(2026, 5, 6, 14, 10, tzinfo=UTC)


def window(runs=10, energy_j=1000.0, active_s=100.0, work=100.0, carbon_g=None, fresh=0):
    return Window(runs, energy_j, active_s, work, carbon_g, fresh)


def made_up_gain(**fields):
    """52 per cent cheaper epochs, of whose saving 88 per cent are used up."""
    found = Rebound(
        lineage="train",
        since=6,
        since_t=AT.timestamp(),
        work_kind="epochs",
        ratio=0.48,
        growth=1.95,
        rebound=0.9,
        shown=0.88,
        low=0.60,
        high=1.25,
        wasted_j=75_600.0,
        wasted_g=6.0,
        kind="scale-up",
        run_growth=1.5,
        fresh_before=0.0,
        fresh_after=0.0,
        before=window(),
        after=window(),
    )
    return replace(found, **fields)

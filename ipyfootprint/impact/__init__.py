"""From joules to carbon, water and hardware: pure functions over values."""

from ipyfootprint.impact.accounting import Context, account, restatement, run_fields
from ipyfootprint.impact.context import context
from ipyfootprint.impact.embodied import embodied
from ipyfootprint.impact.hardware import Hardware, platform_of
from ipyfootprint.impact.operational import operational, operational_over_time
from ipyfootprint.impact.resources import water

__all__ = [
    "Context",
    "Hardware",
    "account",
    "context",
    "embodied",
    "operational",
    "operational_over_time",
    "platform_of",
    "restatement",
    "run_fields",
    "water",
]

"""From joules to carbon, water and hardware: pure functions over values."""

from ipyfootprint.impact.operational import operational, operational_over_time

__all__ = ["operational", "operational_over_time"]

"""Carbon intensity of the electricity: bundled averages, shapes and live services."""

from ipyfootprint.grid.averages import country_of, yearly

__all__ = ["country_of", "yearly"]

"""Lineages, gains, rebound and what would help: pure functions over rows."""

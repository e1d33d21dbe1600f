"""The team: aggregates of everyone's runs, and what a dashboard shows of them.

A source is a callable that takes `Filters` and returns `Aggregates`; figures, tables and the
dashboard need nothing else, and no single run.
"""

"""Counting work units in the libraries that the user has imported."""

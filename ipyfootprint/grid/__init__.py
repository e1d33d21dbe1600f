"""Carbon intensity of the electricity: bundled averages, shapes and live services."""

"""The rebound detector on labelled sessions: `python -m benchmarks rebound [--full]`."""


def main() -> None:
    """Print the tables."""
    from benchmarks.rebound.report import main as report

    report()

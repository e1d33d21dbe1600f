"""What the live views cost: an update of the badge, and the panel of a long session.

Run `python -m benchmarks widgets`. The kernel's side alone, without a page; processor time.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "widgets"))

UPDATES = 300
RUNS = 10_000


def main() -> None:
    """Print the table."""
    from made_up import SESSION, made_run, made_runs

    from ipyfootprint.widgets.cell import CellBadge
    from ipyfootprint.widgets.curve import Curve
    from ipyfootprint.widgets.payload import (
        badge_payload,
        fixed_payload,
        panel_payload,
        rows_payload,
    )
    from ipyfootprint.widgets.static_view import run_view
    from ipyfootprint.widgets.summary import summarise

    curve, costs, lines = Curve(), [], []
    badge = CellBadge(badge_payload(made_run(1)), run_view(made_run(1)))
    for step in range(UPDATES):
        run = made_run(2, 100.0 * step + 1, status="started", duration_s=0.3 * step)
        before = time.thread_time()
        curve.add(run)
        badge.update(badge_payload(run, None, curve.trace(), power_w=curve.power_w))
        costs.append(time.thread_time() - before)
        before = time.thread_time()
        run_view(run, None, curve.trace()).mimebundle()
        lines.append(time.thread_time() - before)
    runs = made_runs(RUNS)
    before = time.thread_time()
    summary = summarise(SESSION, runs)
    sent = [rows_payload(runs), panel_payload(summary), fixed_payload(summary)]
    opening = time.thread_time() - before
    size = sum(len(json.dumps(part, ensure_ascii=False).encode()) for part in sent)
    bytes_of = {p.name: p.stat().st_size for p in Path("ipyfootprint/widgets/static").glob("*.js")}
    rows = [
        ("an update of the badge, median", f"{1e3 * sorted(costs)[UPDATES // 2]:.2f} ms", "0.3 ms"),
        ("of the line without widgets", f"{1e3 * sorted(lines)[UPDATES // 2]:.2f} ms", "0.3 ms"),
        (f"a panel of {RUNS} runs made", f"{opening:.2f} s", "1 s with the page"),
        ("and on the wire", f"{size / 1000:.0f} kB", "300 kB"),
        ("largest browser module", f"{max(bytes_of.values()) / 1000:.1f} kB", "25 kB"),
    ]
    for name, reached, goal in rows:
        print(f"{name:34}{reached:>12}   goal {goal}")


if __name__ == "__main__":
    main()

"""What one run costs the detector when it has seen 10 000."""

from __future__ import annotations

import random
import statistics
import time

from ipyfootprint.rebound.detect import Detector
from ipyfootprint.rebound.observation import Observation


def cost_ms(runs: int = 10_000, timed: int = 2_000) -> tuple[float, float]:
    """Median and 99th percentile of the last runs' milliseconds, in one long lineage."""
    rng = random.Random(5)
    detector = Detector()
    t, times = 1.7e9, []
    for i in range(runs + timed):
        cheap = 0.5 if i > 100 else 1.0
        run = Observation(
            session="long",
            index=i,
            t_start=t,
            duration_s=100.0,
            lineage="train",
            energy_j=2e4 * cheap * rng.uniform(0.8, 1.2) * (1 + i / runs),
            carbon_g=2.0,
            code=f"c{i // 50}",
            config=f"k{i}",
            work=10.0 * (1 + i / runs),
            work_kind="epochs",
            metric=0.9 + rng.gauss(0, 0.01),
        )
        t += 100 + rng.uniform(5, 100)
        start = time.perf_counter()
        detector.feed(run)
        if i >= runs:
            times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times), statistics.quantiles(times, n=100)[98]

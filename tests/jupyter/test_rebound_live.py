"""A person's session in a real kernel: made faster, then run more, and told so.

The training is real; its energy is that of a recording of one constant power, so that a second
of work costs what it would on a node of eight GPUs and the session stays short.
"""

import json
import math
import re
import time

import pytest

pytestmark = pytest.mark.kernel

WATTS = 6000.0
PAUSE_S = 0.25  # a look at the result between two runs
SETUP = """
import numpy as np
from sklearn.linear_model import SGDClassifier
rng = np.random.default_rng(0)
X = rng.normal(size=(3000, 60))
y = (X[:, 0] > 0).astype(int)
few = X[:, :12].copy()
"""
SLOW = """%%footprint -l train
for _ in range(12):
    SGDClassifier(max_iter=ITERATIONS, tol=None, n_iter_no_change=10**6).fit(X, y)
"""
FAST = """%%footprint -l train
model = SGDClassifier(max_iter=ITERATIONS, tol=None, n_iter_no_change=10**6)
for _ in range(12):
    model.fit(few[:2000], y[:2000])
"""
TORCH_SETUP = """
import torch
torch.manual_seed(0)
torch.set_num_threads(1)
x, y = torch.randn(1024, 96), torch.randn(1024, 1)
def train(steps, kind):
    model = torch.nn.Sequential(torch.nn.Linear(96, 256), torch.nn.Tanh(), torch.nn.Linear(256, 1))
    model, rows, goal = model.to(kind), x.to(kind), y.to(kind)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        ((model(rows) - goal) ** 2).mean().backward()
        optimizer.step()
train(2, torch.float64)
"""
TORCH_SLOW = "%%footprint -l train\ntrain(ITERATIONS, torch.float64)"
TORCH_FAST = "%%footprint -l train\nx, y = x[:400], y[:400]\ntrain(ITERATIONS, torch.float32)"
SESSIONS = [
    pytest.param(SETUP, SLOW, FAST, "iterations", 360, id="scikit-learn"),
    pytest.param(
        TORCH_SETUP, TORCH_SLOW, TORCH_FAST, "optimizer steps", 30,
        id="torch", marks=pytest.mark.probes,
    ),
]  # fmt: skip


@pytest.fixture
def powered(new_kernel, tmp_path):
    """A kernel whose energy is that of a constant power, with the extension loaded."""
    recording = tmp_path / "power.json"
    recording.write_text(json.dumps({"dt_s": 1.0, "watts": {"gpu0": [WATTS] * 600}}))
    kernel = new_kernel(IPYFOOTPRINT_REPLAY=str(recording), IPYFOOTPRINT_ZONE="DE")
    assert kernel.run("%load_ext ipyfootprint").outputs == []
    return kernel


def times(kernel, n, cell, **words):
    """Run a cell n times with a pause after each, as a person would; all that was shown."""
    shown = []
    for word, value in words.items():
        cell = cell.replace(word, str(value))
    for _ in range(n):
        reply = kernel.run(cell)
        assert reply.status == "ok", reply.error
        shown.append([data["text/plain"] for data in reply.shown])
        time.sleep(PAUSE_S)
    return shown


def runs_of(kernel):
    """Energy, work and active time of every run of the experiment, from the ledger."""
    fields = "(r.started_at.timestamp(), r.duration_s, r.energy_j, r.work_units, r.work_kind)"
    rows = kernel.value(f"[{fields} for r in __import__('ipyfootprint').runs() if r.label]")
    ends = [None] + [start + seconds for start, seconds, *_ in rows]
    pauses = [start - end if end else 0.0 for (start, *_), end in zip(rows, ends, strict=False)]
    return [(e, work, s + p, kind) for (_, s, e, work, kind), p in zip(rows, pauses, strict=True)]


def told_until_warned(kernel, cell, **words):
    """The warning that a person sees while they go on; what they saw before it was silent."""
    for _ in range(70):
        ((line, *more),) = times(kernel, 1, cell, **words)
        if more and more[0].startswith("Rebound:"):
            return more[0]
        assert line.startswith("Cell ")
    raise AssertionError("no warning in 70 runs")


@pytest.mark.parametrize(("setup", "slow", "fast", "unit", "work"), SESSIONS)
def test_a_training_made_faster_and_then_run_more_is_told_with_the_right_numbers(
    powered, setup, slow, fast, unit, work
):
    assert powered.run(setup).status == "ok"
    before = times(powered, 8, slow, ITERATIONS=30)
    assert all(len(shown) == 1 for shown in before), "no word before there is a gain"
    sentence = told_until_warned(powered, fast, ITERATIONS=60)

    rows = runs_of(powered)
    assert {kind for *_, kind in rows} == {unit}
    assert [done for _, done, *_ in rows] == [work] * 8 + [2 * work] * (len(rows) - 8)
    # What the sentence must say, from the ledger alone.
    old, new = rows[:8], rows[8:]
    (e0, w0, t0), (e1, w1, t1) = (
        [sum(row[column] for row in part) for column in range(3)] for part in (old, new)
    )
    rho = (e1 / w1) / (e0 / w0)
    omega = (w1 / t1) / (w0 / t0)
    rebound = 100 * rho * (omega - 1) / (1 - rho)
    kind, told, low, high = powered.value(
        "[(f.kind, f.rebound_pct, f.low_pct, f.high_pct)"
        " for f in __import__('ipyfootprint').findings() if f.level == 'warn'][-1]"
    )
    assert kind == ("scale-up" if told <= 100 else "backfire")
    assert low <= told <= high and low - 15 <= rebound <= high + 15
    saved = int(re.search(r"each [a-z ]+ costs (\d+) % less", sentence)[1])
    assert saved == pytest.approx(100 * (1 - rho), abs=8)
    growth = float(re.search(r"([\d.]+)x as much work per hour", sentence)[1])
    assert growth == pytest.approx(omega, rel=0.2)
    longer = re.search(r"([\d.]+)x per run", sentence)
    assert kind == "backfire" or float(longer[1]) == pytest.approx(2, rel=0.1)
    assert math.isfinite(told) and "Wh" in sentence and "CO2e" in sentence

    # The pictures beside it, and an answer that holds.
    assert "work per run" in powered.run("%footprint compare").shown[0]["text/plain"]
    assert "cheaper unit of work" in powered.run("%footprint loop").shown[0]["text/plain"]
    assert "Kept: not-rebound" in powered.run("%footprint rebound not-rebound").text
    after = times(powered, 4, fast, ITERATIONS=60)
    assert all(len(shown) == 1 for shown in after)
    stored = (
        "[f.answer for f in __import__('ipyfootprint').api.recording().tracker.ledger.findings()"
        " if f.level == 'warn']"
    )
    assert powered.value(stored)[-1] == "not-rebound"


def test_announced_work_is_not_told(powered):
    assert powered.run(SETUP).status == "ok"
    times(powered, 8, SLOW, ITERATIONS=30)
    assert "Planned: 30 runs of train" in powered.run("%footprint plan runs=30 label=train").text
    assert all(len(shown) == 1 for shown in times(powered, 16, FAST, ITERATIONS=60))
    planned = powered.value("[r.planned for r in __import__('ipyfootprint').runs() if r.label]")
    assert planned == [None] * 8 + [30] * 16

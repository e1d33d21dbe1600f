"""A kernel killed at random moments, also while it holds the GIL: its record stays whole."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ipyfootprint.ledger.opening import open_ledger

ROOT = Path(__file__).parent.parent.parent
MOST_MISSING_S = 5.0
WORKER = """
import ctypes, random, sys, time
import ipyfootprint
how, after = sys.argv[1], int(sys.argv[2])
for number in range(10**6):
    with ipyfootprint.track(f"cell {number}") as block:
        print("begun", time.monotonic_ns(), flush=True)
        if number < after:
            time.sleep(random.uniform(0, 0.05))
        elif how == "gil":
            ctypes.PyDLL(None).usleep(60_000_000)
        else:
            time.sleep(60)
    print("done", block.run.run_id, flush=True)
"""


def killed(folder, seed):
    """Run cells, kill them; returns what was acknowledged, when, and the ledger's path."""
    dice = random.Random(seed)
    folder.mkdir()
    how = dice.choice(["gil", "gil", "sleep"])
    after = dice.choice([0, 3, 8, 10**6])
    moment_s = dice.choice([dice.uniform(0.05, 2.5), dice.uniform(4.5, 8.0)])
    takes_both = seed % 5 == 0  # as the machine's own killer may
    if takes_both:  # what was kept while the cell ran is then all there is
        after, moment_s = 0, dice.uniform(6.5, 8.0)
    env = {k: v for k, v in os.environ.items() if not k.startswith("IPYFOOTPRINT_")}
    env |= {"PYTHONPATH": str(ROOT), "HOME": str(folder)}
    env["IPYFOOTPRINT_LEDGER"] = str(folder / "ledger.db")
    kernel = subprocess.Popen(
        [sys.executable, "-c", WORKER, how, str(after)], env=env, stdout=subprocess.PIPE, text=True
    )
    lines = [kernel.stdout.readline()]
    reader = threading.Thread(target=lambda: lines.extend(kernel.stdout))
    reader.start()
    time.sleep(moment_s)
    sampler = Path(f"/proc/{kernel.pid}/task/{kernel.pid}/children").read_text().split()
    if takes_both:
        for pid in sampler:
            os.kill(int(pid), signal.SIGKILL)
    at_ns = time.monotonic_ns()
    os.kill(kernel.pid, signal.SIGKILL)
    kernel.wait()
    reader.join()
    deadline = time.monotonic() + 15
    while any(Path(f"/proc/{pid}").exists() for pid in sampler):
        assert time.monotonic() < deadline, f"seed {seed}: a sampler is left behind"
        time.sleep(0.02)
    # The last line may be cut short: it was not said.
    said = [line.split() for line in lines if line.endswith("\n")]
    return said, at_ns, folder / "ledger.db"


def check(folder, seed):
    said, at_ns, path = killed(folder / str(seed), seed)
    ledger, warning = open_ledger(str(path))
    try:
        runs = {run.run_id: run for run in ledger.runs()}
    finally:
        ledger.close()
    assert warning is None, f"seed {seed}: {warning}"
    acknowledged = [words[1] for words in said if len(words) == 2 and words[0] == "done"]
    assert set(acknowledged) <= set(runs), f"seed {seed}: an acknowledged run is gone"
    assert all(run.status in ("ok", "lost") for run in runs.values())
    assert all(run.energy_j is None or run.energy_j >= 0 for run in runs.values())
    if said and said[-1][0] == "begun":
        (last,) = [run for run in runs.values() if run.run_id not in acknowledged][-1:]
        lasted_s = (at_ns - int(said[-1][1])) / 1e9
        missing_s = lasted_s - (last.duration_s or 0.0)
        # Or it had ended, and was killed before it could say so.
        assert last.status in ("lost", "ok"), f"seed {seed}"
        assert missing_s <= MOST_MISSING_S, f"seed {seed}: {missing_s:.1f} of {lasted_s:.1f} s"
        if lasted_s > MOST_MISSING_S:
            assert last.energy_j is not None, f"seed {seed}"


def check_all(folder, seeds):
    with ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(check, folder, seed) for seed in seeds]:
            done.result()


def test_ten_kills_lose_no_acknowledged_run_and_at_most_five_seconds(tmp_path):
    check_all(tmp_path, range(10))


@pytest.mark.soak
@pytest.mark.timeout(3000)
def test_two_hundred_kills_lose_no_acknowledged_run(tmp_path):
    check_all(tmp_path, range(1000, 1200))

"""What a team costs a kernel: its cells and its end, while the server is there, away, or silent.

Four kernels are there at the same time, each with a ledger file of its own, and take turns of a
burst of empty cells: one without a team, one with a server on this machine, one with a port where
nothing listens, and one whose server takes the connection and never answers. A ratio is that of
two bursts of one turn, so that what else the machine does is in both.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks._machine import heading, table

BURST, TURNS, PAUSE_S = 40, 60, 0.1
CHILD = "import sys; from benchmarks import team_cost; team_cost.take_turns(sys.argv[1])"


def take_turns(ledger: str) -> None:
    """A kernel: a burst of cells for each line that is read, and its end."""
    from benchmarks import _shell
    from benchmarks.hooks import timed_hooks

    said = sys.stdout
    shell = _shell.metered(ledger)
    shell._ipyfootprint.extension.auto = True
    times = timed_hooks(shell)
    print("ready", file=said, flush=True)
    with contextlib.redirect_stdout(io.StringIO()):
        for line in sys.stdin:
            if line == "end\n":
                break
            _shell.timed_us(shell, "pass", BURST)
            parts = (times[event][-BURST:] for event in ("pre_run_cell", "post_run_cell"))
            hooks = statistics.median(map(sum, zip(*parts, strict=True)))
            print(json.dumps(hooks), file=said, flush=True)
        start = time.perf_counter()
        shell._ipyfootprint.close()
    print(json.dumps(time.perf_counter() - start), file=said, flush=True)
    os._exit(0)


@contextlib.contextmanager
def _addresses() -> Iterator[dict[str, str]]:
    """The settings `team` that are compared; what they need is there meanwhile."""
    path = Path(__file__).parent.parent / "tests" / "postgres_server.py"
    spec: Any = importlib.util.spec_from_file_location("postgres_server", path)
    servers = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(servers)
    server = servers.PostgresServer(next(iter(servers.installations().values())))
    try:
        team = server.new_team("team")
        with socket.socket() as closed, socket.create_server(("127.0.0.1", 0)) as silent:
            closed.bind(("127.0.0.1", 0))
            ports = (closed.getsockname()[1], silent.getsockname()[1])
            away, hung = (f"postgresql://alice@127.0.0.1:{port}/{team}" for port in ports)
            yield {
                "no team": "none",
                "a server on this machine": server.address("alice", team),
                "nothing listens": away,
                "nothing answers": hung,
            }
    finally:
        server.close()


def _asked(kernel: Any, word: str) -> float:
    kernel.stdin.write(f"{word}\n")
    kernel.stdin.flush()
    return float(json.loads(kernel.stdout.readline()))


def main() -> None:
    """Print the table."""
    heading("What a team costs a kernel", "ipython", "psycopg")
    rows = []
    with _addresses() as addresses, tempfile.TemporaryDirectory() as folder:
        ledgers = {name: str(Path(folder) / f"{name}.db") for name in addresses}
        kernels = {
            name: subprocess.Popen(
                [sys.executable, "-c", CHILD, ledgers[name]],
                env=os.environ | {"IPYFOOTPRINT_TEAM": address, "IPYTHONDIR": folder},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for name, address in addresses.items()
        }
        for kernel in kernels.values():
            assert kernel.stdout is not None and kernel.stdout.readline() == "ready\n"
        hooks: dict[str, list[float]] = {name: [] for name in kernels}
        names = list(kernels)
        for turn in range(TURNS):
            for name in names[turn % 4 :] + names[: turn % 4]:
                hooks[name].append(_asked(kernels[name], "go"))
                time.sleep(PAUSE_S)
        for name, kernel in kernels.items():
            end_s = _asked(kernel, "end")
            kernel.wait(30)
            with sqlite3.connect(ledgers[name]) as db:
                runs, sent = db.execute("SELECT count(*), count(published_us) FROM run").fetchone()
            pairs = zip(hooks[name], hooks["no team"], strict=True)
            ratios = statistics.quantiles([one / other for one, other in pairs], n=4)
            rows.append(
                [
                    *(name, f"{statistics.median(hooks[name]) / 1000:.3f}"),
                    f"{ratios[1]:.2f} ({ratios[0]:.2f}-{ratios[2]:.2f})",
                    *(f"{end_s:.2f}", f"{sent} of {runs}"),
                ]
            )
    print(f"{TURNS} turns of {BURST} empty cells each; in brackets half of the turns.\n")
    head = ["team", "hooks, ms a cell", "ratio to no team", "end of the session, s", "rows sent"]
    table(head, rows)

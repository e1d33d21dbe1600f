"""What counting work costs: microseconds added to a step, a fit, a bar and an import.

Each row is measured with and without the probes, in turns, and shows medians. Libraries that
are not installed are left out, by name.
"""

from __future__ import annotations

import importlib.util
import io
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from benchmarks._machine import heading, table
from ipyfootprint import probes

TURNS = 15


def per_call_us(act: Callable[[], object], calls: int) -> float:
    start = time.perf_counter_ns()
    for _ in range(calls):
        act()
    return (time.perf_counter_ns() - start) / calls / 1000


def compared(act: Callable[[], object], calls: int) -> tuple[float, float, float]:
    """Median microseconds without, with, and of the difference turn by turn."""
    act()
    plain, counted = [], []
    for turn in range(TURNS):
        pair = [(False, plain), (True, counted)]
        for on, into in pair if turn % 2 else reversed(pair):
            probes.install() if on else probes.uninstall()
            into.append(per_call_us(act, calls))
    probes.uninstall()
    added = statistics.median(b - a for a, b in zip(plain, counted, strict=True))
    return statistics.median(plain), statistics.median(counted), added


def torch_step() -> Callable[[], object]:
    import torch

    torch.set_num_threads(1)
    model = torch.nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    x = torch.randn(8, 4)

    def step() -> None:
        optimizer.zero_grad()
        model(x).sum().backward()
        optimizer.step()

    return step


def torch_batch() -> Callable[[], object]:
    import torch

    data = torch.utils.data.TensorDataset(torch.randn(64, 4))
    loader = torch.utils.data.DataLoader(data, batch_size=1)
    return lambda: list(loader)


def sklearn_fit() -> Callable[[], object]:
    import numpy as np
    from sklearn.preprocessing import StandardScaler

    x = np.random.default_rng(0).normal(size=(50, 3))
    return lambda: StandardScaler().fit(x)


def tqdm_bar() -> Callable[[], object]:
    from tqdm import tqdm

    return lambda: [None for _ in tqdm(range(100), file=io.StringIO())]


def plain_import() -> Callable[[], object]:
    """The import of a small module that nobody watches."""

    def run() -> None:
        sys.modules.pop("colorsys", None)
        import colorsys  # noqa: F401

    return run


ROWS: dict[str, tuple[str, Callable[[], Callable[[], object]], int, int]] = {
    "torch: training step (4 weights)": ("torch", torch_step, 300, 1),
    "torch: batch of a DataLoader": ("torch", torch_batch, 4, 64),
    "scikit-learn: smallest fit": ("sklearn", sklearn_fit, 60, 1),
    "tqdm: bar of 100 steps": ("tqdm", tqdm_bar, 60, 1),
    "import of an unwatched module": ("colorsys", plain_import, 200, 1),
}


def first_import(name: str, watch: bool) -> float:
    """Seconds that a first import takes in a fresh interpreter."""
    script = (
        "import time, importlib\n"
        + ("from ipyfootprint import probes\nprobes.install()\n" if watch else "")
        + f"t = time.perf_counter()\nimportlib.import_module({name!r})\n"
        "print(time.perf_counter() - t)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    return float(done.stdout)


def rows() -> Iterator[list[str]]:
    """The lines of the table, as they are measured."""
    for title, (library, make, calls, parts) in ROWS.items():
        if importlib.util.find_spec(library) is None:
            yield [title, f"{library} is not installed", "", ""]
            continue
        yield [title, *(f"{figure / parts:.2f}" for figure in compared(make(), calls))]
    mark = probes.start()
    both = per_call_us(lambda: (probes.start(), probes.take(mark)), 5000)
    yield ["start and end of a run", "", "", f"{both:.2f}"]
    for library in ("torch", "sklearn"):
        if importlib.util.find_spec(library) is None:
            continue
        times = [(first_import(library, False), first_import(library, True)) for _ in range(5)]
        plain, watched = (1e6 * statistics.median(side) for side in zip(*times, strict=True))
        yield [
            f"first import of {library}",
            *(f"{figure:.0f}" for figure in (plain, watched, watched - plain)),
        ]


def main() -> None:
    heading("What counting work costs")
    print("Microseconds, medians of turns with and without the probes.\n")
    table(["what", "without", "with", "added"], rows())


if __name__ == "__main__":
    main()

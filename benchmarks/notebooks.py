"""Other people's notebooks, with and without metering: the same outputs, the same errors.

Ten tutorials that ship inside source packages on PyPI, so that anyone can repeat it. Each is run
twice plain and once with every cell metered. Many print random numbers, times or addresses: a
cell's outputs are compared where two plain runs agree with each other, its kinds of output and
its errors everywhere.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks._machine import heading, table

SOURCES = ("corner==2.3.0", "emcee==3.1.6", "mesa==3.3.1")
ALSO = ("matplotlib", "seaborn", "pandas", "scipy", "arviz<1", "tqdm", "ipywidgets", "networkx")
NOTEBOOKS = (
    "corner-2.3.0/docs/pages/quickstart.ipynb",
    "corner-2.3.0/docs/pages/sigmas.ipynb",
    "corner-2.3.0/docs/pages/custom.ipynb",
    "emcee-3.1.6/docs/tutorials/quickstart.ipynb",
    "emcee-3.1.6/docs/tutorials/line.ipynb",
    "emcee-3.1.6/docs/tutorials/moves.ipynb",
    "mesa-3.3.1/docs/tutorials/0_first_model.ipynb",
    "mesa-3.3.1/docs/tutorials/1_adding_space.ipynb",
    "mesa-3.3.1/docs/tutorials/2_collecting_data.ipynb",
    "mesa-3.3.1/docs/tutorials/3_agentset.ipynb",
)
CELL_S = 120
LOAD = (
    "import ipyfootprint as _f; _f.load_ipython_extension(get_ipython());"
    "get_ipython().run_line_magic('footprint', 'config threshold 0');"
    "get_ipython().run_line_magic('footprint', 'on'); del _f"
)
EXECUTE = """
import sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], as_version=4)
load = [f"--InteractiveShellApp.exec_lines={sys.argv[3]}"] if sys.argv[3] else []
nbclient.NotebookClient(notebook, timeout=int(sys.argv[4]), allow_errors=True,
                        kernel_name="python3", extra_arguments=load).execute()
nbformat.write(notebook, sys.argv[2])
"""
ADDRESS = re.compile(r"0x[0-9a-f]{6,}|\d+\.\d+ ?[mµn]?s\b|\d+(\.\d+)?it/s|\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell showed, without our own line."""

    outputs: tuple[str, ...]
    kinds: tuple[str, ...]
    error: str


def execute(python: Path, source: Path, load: str, folder: Path) -> tuple[list[Cell], float]:
    """Run a notebook; its code cells and the seconds it took, kernel start included."""
    out = folder / "out.ipynb"
    env = os.environ | {"IPYFOOTPRINT_LEDGER": str(folder / "ledger.db"), "MPLBACKEND": "agg"}
    env |= {"PYTHONHASHSEED": "0", "XDG_CONFIG_HOME": str(folder)}
    started = time.monotonic()
    subprocess.run(
        [python, "-c", EXECUTE, source, out, load, str(CELL_S)],
        check=True, cwd=source.parent, env=env, capture_output=True,
    )  # fmt: skip
    took_s = time.monotonic() - started
    import nbformat

    cells = [cell for cell in nbformat.read(out, as_version=4).cells if cell.cell_type == "code"]
    return [shown(cell.outputs) for cell in cells], took_s


def shown(outputs: list[dict]) -> Cell:
    """A cell's outputs as text; streams joined, as they may arrive in any number of pieces."""
    streams: dict[str, str] = {}
    texts, kinds, error = [], [], ""
    for out in outputs:
        if out["output_type"] == "stream":
            streams[out["name"]] = streams.get(out["name"], "") + out["text"]
        elif out["output_type"] == "error":
            error = f"{out['ename']}: {out['evalue']}"
        elif not is_ours(out):
            texts.append(str(sorted(out["data"].items())))
            kinds.append(" ".join(sorted(out["data"])))
    texts += [f"{name}: {text}" for name, text in sorted(streams.items())]
    kinds += sorted(streams)
    return Cell(tuple(ADDRESS.sub("~", t) for t in texts), tuple(kinds), ADDRESS.sub("~", error))


def is_ours(output: dict) -> bool:
    """Whether an output is a metered cell's own line."""
    plain = str(output["data"].get("text/plain", ""))
    return output["output_type"] == "display_data" and ("CO2e" in plain or "ipyfootprint" in plain)


def row(name: str, python: Path, source: Path) -> tuple[object, ...]:
    """One line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        plain, plain_s = execute(python, source, "", Path(folder))
        again, _ = execute(python, source, "", Path(folder))
        metered, metered_s = execute(python, source, LOAD, Path(folder))
    steady = [i for i, cell in enumerate(plain) if cell == again[i]]
    same = sum(plain[i] == metered[i] for i in steady)
    usual = zip(plain, again, metered, strict=True)
    kinds = sum(c.kinds in (a.kinds, b.kinds) for a, b, c in usual)
    errors = sum(bool(cell.error) for cell in plain)
    kept = sum(a.error == b.error for a, b in zip(plain, metered, strict=True))
    return (
        name,
        f"{same} of {len(steady)}",
        f"{kinds} of {len(plain)}",
        f"{errors}; {kept} of {len(plain)} the same",
        f"{plain_s:.1f} s",
        f"{metered_s:.1f} s",
    )


def main() -> None:
    """Fetch the sources, make an environment, print the table."""
    heading("Other people's notebooks")
    print(__doc__.partition("\n\n")[2].strip() + "\n")
    head = ("notebook", "same output, where two plain runs agree", "same kinds of output")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
        python = folder / "env" / "bin" / "python"
        pip = [python, "-m", "pip", "-q", "--disable-pip-version-check"]
        repo = Path(__file__).parent.parent
        subprocess.run([*pip, "install", *SOURCES, *ALSO, f"{repo}[run]"], check=True)
        fetch = ["download", "--no-deps", "--no-binary", ":all:", "-d", folder, *SOURCES]
        subprocess.run([*pip, *fetch], check=True)
        for archive in folder.glob("*.tar.gz"):
            with tarfile.open(archive) as packed:
                packed.extractall(folder, filter="data")
        rows = (row(notebook, python, folder / notebook) for notebook in NOTEBOOKS)
        table((*head, "errors", "plain", "metered"), rows)

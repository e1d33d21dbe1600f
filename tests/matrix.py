"""The suite's core on the lowest and the newest versions: `make matrix`, or with names of rows.

Each row is an environment of its own; a table says which passed. The floors are read from
pyproject.toml, so that raising one there raises it here.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
TESTS = (
    "tests/jupyter", "tests/widgets", "tests/ledger", "tests/sensors", "tests/meter",
    "tests/test_api.py", "tests/test_cli.py", "tests/test_tracker.py", "tests/test_model.py",
)  # fmt: skip
TOOLS = ("pytest", "pytest-timeout", "hypothesis", "scipy", "numpy", "papermill", "pexpect",
         "jupyter-console", "nbconvert", "scikit-learn")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One environment: a Python, and versions that differ from the newest."""

    name: str
    python: str
    pins: tuple[str, ...] = ()


def floors() -> tuple[str, ...]:
    """The lowest versions that the project declares, as pins."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["run"]]
    return tuple(re.sub(r"\s*>=\s*([\w.]+).*", r"==\1", line) for line in declared)


def rows() -> list[Row]:
    """All environments, for the Pythons at hand."""
    found = [name for name in ("3.11", "3.12", "3.13", "3.14") if python(name)]
    first = found[0]
    return [
        Row("lowest", first, floors()),
        Row("ipython-8", first, ("ipython==8.*", "ipykernel==6.*", "plotly==6.*")),
        *(Row(f"newest-{name}", name) for name in found),
    ]


def python(version: str) -> str | None:
    """An interpreter of a version, or None; a name may start none, as pyenv's shims may."""
    places = [
        shutil.which(f"python{version}"),
        *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python")),
        sys.executable if sys.version.startswith(f"{version}.") else None,
    ]
    asked = ["-c", "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"]
    for place in filter(None, places):
        done = subprocess.run([place, *asked], capture_output=True, text=True, check=False)
        if done.stdout.strip() == version:
            return place
    return None


def run(row: Row, folder: Path) -> tuple[str, str]:
    """Make the environment and run the tests; what was installed, and pytest's last line."""
    own = folder / "bin" / "python"
    subprocess.run([str(python(row.python)), "-m", "venv", folder], check=True)
    pip = [str(own), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, *row.pins, "-e", f"{ROOT}[run]", *TOOLS], check=True)
    names = ("ipython", "ipykernel", "ipywidgets", "plotly", "psutil", "nvidia-ml-py")
    asked = "import sys; from importlib.metadata import version as v; print(*map(v, sys.argv[1:]))"
    versions = subprocess.run(
        [own, "-c", asked, *names], capture_output=True, text=True, check=True
    ).stdout.split()
    done = subprocess.run(
        [own, "-m", "pytest", "--tb=short", "--disable-warnings",
         "-m", "not soak and not probes and not browser", *TESTS],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        print(done.stdout[-6000:], done.stderr[-2000:], file=sys.stderr)
    shown = ", ".join(f"{name} {version}" for name, version in zip(names, versions, strict=True))
    return shown, done.stdout.strip().splitlines()[-1] if done.stdout.strip() else "no output"


def main(chosen: Sequence[str]) -> int:
    """Print the table; 1 if a row failed."""
    failed = False
    print("| environment | Python | versions | result |\n|---|---|---|---|", flush=True)
    for row in rows():
        if chosen and row.name not in chosen:
            continue
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)  # some tests act as other users of this machine
            shown, last = run(row, Path(folder))
        failed = failed or " failed" in last or " error" in last or "passed" not in last
        print(f"| {row.name} | {row.python} | {shown} | {last} |", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

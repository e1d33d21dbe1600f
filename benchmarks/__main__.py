"""Run benches: `python -m benchmarks [NAME ...] [--full] [--write]`; without names, all of them.

A bench is a module of this folder whose name does not begin with "_" (or a package whose
`__init__` has the same): its `main()` prints Markdown. Each runs in a process of its own.
`--write` puts what it printed into README.md, between its markers.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
README = HERE / "README.md"


def names() -> list[str]:
    """The benches, in alphabetical order."""
    found = (module.name for module in pkgutil.iter_modules([str(HERE)]))
    return sorted(name for name in found if name[0] != "_" and _has_main(name))


def _has_main(name: str) -> bool:
    """Whether a module prints something; others are parts of a bench."""
    inside = HERE / name / "__init__.py"
    source = inside if inside.exists() else HERE / f"{name}.py"
    return "\ndef main(" in source.read_text()


def run(name: str, *options: str) -> tuple[str, bool]:
    """What a bench printed, shown as it came, and whether it ended well."""
    command = [sys.executable, "-u", "-m", "benchmarks", "--here", name, *options]
    started = time.monotonic()
    lines = []
    with subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True) as bench:
        assert bench.stdout is not None
        for line in bench.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    print(f"({name}: {time.monotonic() - started:.0f} s)\n", file=sys.stderr, flush=True)
    return "".join(lines).strip(), bench.returncode == 0


def written(page: str, name: str, text: str) -> str:
    """The page with a bench's section replaced, or added at its end."""
    section = f"<!-- {name} -->\n\n{text}\n\n<!-- /{name} -->"
    found = re.compile(f"<!-- {name} -->.*?<!-- /{name} -->", re.DOTALL)
    if found.search(page):
        return found.sub(lambda _: section, page)
    return f"{page.rstrip()}\n\n{section}\n"


def main() -> int:
    """Run what was asked for; 1 if a bench failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"of {', '.join(names())}")
    parser.add_argument("--write", action="store_true", help="put the tables into README.md")
    parser.add_argument("--full", action="store_true", help="the long form, of benches with one")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    unknown = [name for name in args.name if name not in names()]
    if unknown:
        parser.error(f"no bench {', '.join(unknown)}; there are {', '.join(names())}")
    options = ["--full"] if args.full else []
    if args.here:
        sys.argv = [args.name[0], *options]
        importlib.import_module(f"benchmarks.{args.name[0]}").main()
        return 0
    failed = []
    for name in args.name or names():
        text, ended_well = run(name, *options)
        if not ended_well:
            failed.append(name)
        elif args.write:
            README.write_text(written(README.read_text(), name, text))
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

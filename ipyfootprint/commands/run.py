"""`ipyfootprint run`: execute a notebook with every cell metered."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipyfootprint.config import load
from ipyfootprint.errors import ConfigError
from ipyfootprint.export import to_table

if TYPE_CHECKING:
    from nbformat import NotebookNode

# Not %load_ext: a notebook that loads the extension itself then finds nothing to complain of.
_LOAD = "import ipyfootprint as _f; _f.load_ipython_extension(get_ipython()); del _f"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("notebook", metavar="NOTEBOOK")
    parser.add_argument("--output", metavar="OUT.ipynb", help="keep the executed notebook")
    parser.add_argument("--kernel", metavar="NAME", help="kernel to use, if not the notebook's own")
    parser.add_argument("--timeout", type=float, metavar="S", help="seconds a cell may take")


def run(args: argparse.Namespace) -> int:
    """Execute the notebook and print its runs; 1 if a cell failed."""
    source = Path(args.notebook)
    notebook = read_notebook(source)
    failure, pid = _execute(notebook, source.resolve().parent, args)
    if args.output:
        import nbformat

        nbformat.write(notebook, args.output)
    print(to_table(_runs_of(pid)))
    if failure:
        print(f"\nA cell failed: {failure}", file=sys.stderr)
    return 1 if failure else 0


def read_notebook(path: Path) -> NotebookNode:
    """The notebook in a file.

    Raises:
        ConfigError: no file, or no notebook.
    """
    try:
        import nbformat
    except ImportError:
        raise ConfigError(
            "Executing a notebook needs nbclient",
            "nothing was run",
            "pip install 'ipyfootprint[run]'",
        ) from None
    try:
        return nbformat.read(path, as_version=4)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror})", "nothing was run", "Check its name."
        ) from None
    except Exception:
        raise ConfigError(
            f"{path} is not a notebook", "nothing was run", "Give a file that Jupyter saved."
        ) from None


def _execute(notebook: NotebookNode, folder: Path, args: argparse.Namespace) -> tuple[str, int]:
    """Run all cells; returns the first failure as text ("" for none) and the kernel's pid."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from tqdm.auto import tqdm

    total = sum(cell.cell_type == "code" for cell in notebook.cells)
    failure, pid = "", 0
    with tqdm(total=total, unit="cell", file=sys.stderr) as bar:
        client = NotebookClient(
            notebook,
            timeout=args.timeout,
            extra_arguments=[f"--InteractiveShellApp.exec_lines={_LOAD}"],
            resources={"metadata": {"path": str(folder)}},
            on_cell_executed=lambda **_: bar.update(),
            **({"kernel_name": args.kernel} if args.kernel else {}),
        )
        env = {**os.environ, "IPYFOOTPRINT_AUTO": "on", "IPYFOOTPRINT_LEDGER": _ledger()}
        with client.setup_kernel(env=env):
            pid = _pid(client)
            for index, cell in enumerate(notebook.cells):
                try:
                    client.execute_cell(cell, index)
                except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                    failure = str(error).strip().splitlines()[-1]
                    break
    return failure, pid


def _pid(client: Any) -> int:
    """The kernel's process id: how its session is found in the ledger."""
    return int(client.km.provisioner.pid)


def _ledger() -> str:
    """The ledger to use; one in memory would be gone with the kernel, so a file it is."""
    from ipyfootprint.ledger import default_path

    chosen = load()[0].ledger
    return str(default_path()) if chosen in (None, ":memory:") else str(chosen)


def _runs_of(pid: int) -> list[Any]:
    from ipyfootprint.ledger import read_ledger

    with read_ledger(_ledger()) as ledger:
        mine = [session for session in ledger.sessions() if session.pid == pid]
        return list(ledger.runs(mine[-1].session_id)) if mine else []

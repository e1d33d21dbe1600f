"""`ipyfootprint run`: execute a notebook with every cell metered."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipyfootprint.config import Settings, load
from ipyfootprint.errors import ConfigError, FootprintError

if TYPE_CHECKING:
    from nbformat import NotebookNode

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
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
    from ipyfootprint.widgets.runs_table import runs_view

    notebook = read_notebook(source)
    settings, problems = load()
    ledger, warning = _usable_ledger(settings)
    if args.output and not Path(args.output).resolve().parent.is_dir():
        raise ConfigError(
            f"{args.output} is in no folder", "nothing was run", "Make its folder first."
        )
    for problem in filter(None, [*problems, warning]):
        print(f"ipyfootprint run: {problem}", file=sys.stderr)
    failure, pid = _execute(notebook, source.resolve().parent, ledger, args)
    print(runs_view(_runs_of(ledger, pid)).text)
    print(
        f"\nKept in {ledger}: `ipyfootprint export` prints them, `ipyfootprint doctor` how they"
        " are measured.",
        file=sys.stderr,
    )
    if args.output:
        _write(notebook, Path(args.output))
    if failure:
        print(f"\nA cell failed: {failure}", file=sys.stderr)
    return 1 if failure else 0


def _write(notebook: NotebookNode, path: Path) -> None:
    import nbformat

    try:
        nbformat.write(notebook, path)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written ({error.strerror})",
            "the notebook was run and its runs are kept",
            "Name another file.",
        ) from None


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


def _execute(
    notebook: NotebookNode, folder: Path, ledger: str, args: argparse.Namespace
) -> tuple[str, int]:
    """Run all cells; returns the first failure as text ("" for none) and the kernel's pid."""
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from tqdm.auto import tqdm

    total = sum(cell.cell_type == "code" for cell in notebook.cells)
    failure, pid = "", 0
    with tqdm(total=total, unit="cell", file=sys.stderr) as bar:
        client = NotebookClient(
            notebook,
            timeout=args.timeout,
            # Quiet: the kernel's own warnings would break the bar, and are none of the notebook's.
            extra_arguments=[f"--InteractiveShellApp.exec_lines={_LOAD}", "--log-level=ERROR"],
            resources={"metadata": {"path": str(folder)}},
            on_cell_executed=lambda **_: bar.update(),
            **({"kernel_name": args.kernel} if args.kernel else {}),
        )
        env = {**os.environ, "IPYFOOTPRINT_AUTO": "on", "IPYFOOTPRINT_LEDGER": ledger}
        try:
            with client.setup_kernel(env=env):
                pid = _pid(client)
                for index, cell in enumerate(notebook.cells):
                    try:
                        client.execute_cell(cell, index)
                    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                        failure = _COLOUR.sub("", str(error)).strip().splitlines()[-1]
                        break
        except NoSuchKernel as error:
            raise ConfigError(
                f"There is no kernel {error.name!r} here",
                "nothing was run",
                "jupyter kernelspec list names them; choose one with --kernel.",
            ) from None
    return failure, pid


def _pid(client: Any) -> int:
    """The kernel's process id: how its session is found in the ledger."""
    return int(client.km.provisioner.pid)


def _usable_ledger(settings: Settings) -> tuple[str, FootprintError | None]:
    """The ledger's file, and what there is to tell, e.g. that a damaged one was set aside.

    One in memory would be gone with the kernel, so a file it is.

    Raises:
        ConfigError: no run could be kept there.
    """
    from ipyfootprint.ledger import default_path, open_ledger

    chosen = settings.ledger
    path = str(default_path()) if chosen in (None, ":memory:") else str(chosen)
    ledger, warning = open_ledger(path)
    ledger.close()
    if warning is not None and not ledger.is_durable:
        raise ConfigError(warning.what, "nothing was run", warning.remedy)
    return path, warning


def _runs_of(path: str, pid: int) -> list[Any]:
    from ipyfootprint.ledger import read_ledger

    with read_ledger(path) as ledger:
        mine = [session for session in ledger.sessions() if session.pid == pid]
        return list(ledger.runs(mine[-1].session_id)) if mine else []

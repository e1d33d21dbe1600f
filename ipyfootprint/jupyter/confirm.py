"""Asking before a cell runs, and not running it where the answer is no."""

from __future__ import annotations

import ast
import sys
from typing import Any

from IPython.core.error import InputRejected, StdinNotImplementedError


class CellNotRun(InputRejected):
    """A cell that the person decided not to run; shown as one line, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"Not run: {self}"]


class Gate(ast.NodeTransformer):
    """Refuses the next cell: the one way in which IPython lets a cell be turned away.

    It is among the shell's transformers only while it has a cell to refuse.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._reason = ""

    def refuse(self, reason: str) -> None:
        """Turn the cell away that is about to run."""
        self._reason = reason
        self._shell.ast_transformers.append(self)

    def open(self) -> None:
        """Refuse nothing any more; harmless when nothing was."""
        if self in self._shell.ast_transformers:
            self._shell.ast_transformers.remove(self)

    def visit(self, node: ast.AST) -> ast.AST:
        """Called by IPython with the parsed cell.

        Raises:
            CellNotRun: always; IPython then skips the cell.
        """
        raise CellNotRun(self._reason)


def ask(shell: Any, question: str) -> bool | None:
    """Whether the person says yes; None where nobody can be asked (nbclient, papermill, CI)."""
    kernel = getattr(shell, "kernel", None)
    if kernel is None and not (sys.stdin is not None and sys.stdin.isatty()):
        return None
    try:
        said = kernel.raw_input(question) if kernel is not None else input(question)
    except StdinNotImplementedError:
        return None
    except (KeyboardInterrupt, EOFError):
        return False
    return str(said).strip().lower() in ("y", "yes")

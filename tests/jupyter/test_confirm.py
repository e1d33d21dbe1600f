"""Asking before a cell: yes, no, and nobody there to ask."""

import sys
from types import SimpleNamespace

import pytest
from IPython.core.error import StdinNotImplementedError

from ipyfootprint.jupyter.confirm import CellNotRun, Gate, ask


def kernel_that(says):
    def raw_input(question):
        assert question == "Run it? [y/N] "
        if isinstance(says, BaseException):
            raise says
        return says

    return SimpleNamespace(kernel=SimpleNamespace(raw_input=raw_input))


@pytest.mark.parametrize(
    ("says", "allowed"),
    [
        ("y", True),
        (" YES ", True),
        ("n", False),
        ("", False),
        ("yes please", False),
        (KeyboardInterrupt(), False),
        (EOFError(), False),
        (StdinNotImplementedError(), None),
    ],
)
def test_only_a_yes_is_one_and_nobody_there_is_none(says, allowed):
    assert ask(kernel_that(says), "Run it? [y/N] ") is allowed


@pytest.mark.parametrize(("typed", "allowed"), [("y", True), ("n", False)])
def test_a_terminal_is_asked_and_a_pipe_is_not(monkeypatch, typed, allowed):
    monkeypatch.setattr("builtins.input", lambda question: typed)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    assert ask(SimpleNamespace(), "Run it?") is allowed
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False))
    assert ask(SimpleNamespace(), "Run it?") is None
    monkeypatch.setattr(sys, "stdin", None)
    assert ask(SimpleNamespace(kernel=None), "Run it?") is None


def test_a_gate_turns_one_cell_away_with_its_reason():
    shell = SimpleNamespace(ast_transformers=[])
    gate = Gate(shell)
    gate.open()
    gate.refuse("over the budget")
    assert shell.ast_transformers == [gate]
    with pytest.raises(CellNotRun) as refused:
        gate.visit(None)
    assert refused.value._render_traceback_() == ["Not run: over the budget"]
    gate.open()
    assert shell.ast_transformers == []

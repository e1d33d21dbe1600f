"""Floating-point operations and parameters, counted on request: counting slows a program down."""

from __future__ import annotations

import importlib
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ipyfootprint.errors import FootprintError


@dataclass(slots=True)
class Flops:
    """Operations of the enclosed code, and parameters of the modules that it called.

    Both are 0 until the block has ended; `parameters` stays None where no module was called.
    """

    total: int = 0
    parameters: int | None = None


class Counting:
    """Counts torch's operations from its making to `end`, in the thread that made it.

    Matrix products, convolutions and attention count, a multiplication and an addition as
    two; element-wise work does not (`torch.utils.flop_counter`).

    Raises:
        FootprintError: torch has not been imported.
    """

    def __init__(self) -> None:
        if "torch" not in sys.modules:
            raise FootprintError(
                "FLOPs can be counted in torch only, and torch is not imported",
                "nothing was counted",
                "Import torch first, or leave FLOPs out.",
            )
        self._seen: weakref.WeakSet[Any] = weakref.WeakSet()
        self._counted: dict[int, weakref.ref[Any]] = {}
        self._parameters: int | None = None
        module: Any = importlib.import_module("torch.nn.modules.module")
        counter: Any = importlib.import_module("torch.utils.flop_counter")
        self._hook = module.register_module_forward_pre_hook(self._called)
        self._mode = counter.FlopCounterMode(display=False)
        self._mode.__enter__()

    def end(self) -> Flops:
        """Stop counting; returns what was counted."""
        self._mode.__exit__(None, None, None)
        self._hook.remove()
        return Flops(int(self._mode.get_total_flops()), self._parameters)

    def _called(self, module: Any, inputs: Any) -> None:
        """A module is about to run: its parameters count once, whoever shares them."""
        if module in self._seen:
            return
        self._seen.add(module)
        self._parameters = self._parameters or 0
        for parameter in module.parameters():
            known = self._counted.get(id(parameter))
            if known is None or known() is None:
                self._counted[id(parameter)] = weakref.ref(parameter)
                self._parameters += int(parameter.numel())


@contextmanager
def count_flops() -> Iterator[Flops]:
    """Count the floating-point operations of torch in the enclosed code, forward and backward.

    Typical use is one step, multiplied by the steps of a run.

    Raises:
        FootprintError: torch has not been imported.
    """
    counting = Counting()
    flops = Flops()
    try:
        yield flops
    finally:
        counted = counting.end()
        flops.total, flops.parameters = counted.total, counted.parameters

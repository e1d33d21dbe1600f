"""Floating-point operations, counted on request: counting them slows a program down."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ipyfootprint.errors import FootprintError


@dataclass(slots=True)
class Flops:
    """Operations of the enclosed code; `total` is 0 until the block has ended."""

    total: int = 0


@contextmanager
def count_flops() -> Iterator[Flops]:
    """Count the floating-point operations of torch in the enclosed code, forward and backward.

    Matrix products, convolutions and attention count, a multiplication and an addition as
    two; element-wise work does not (`torch.utils.flop_counter`). Typical use is one step,
    multiplied by the steps of a run.

    Raises:
        FootprintError: torch has not been imported.
    """
    if "torch" not in sys.modules:
        raise FootprintError(
            "FLOPs can be counted in torch only, and torch is not imported",
            "nothing was counted",
            "Import torch first, or leave FLOPs out.",
        )
    counter: Any = importlib.import_module("torch.utils.flop_counter")
    flops = Flops()
    with counter.FlopCounterMode(display=False) as mode:
        try:
            yield flops
        finally:
            flops.total = int(mode.get_total_flops())

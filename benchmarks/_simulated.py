"""The simulated hardware of the tests, for the benches."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "hardware"))

from simulator.nvml import SimulatedNvml, simulated_nvml
from simulator.powercap import SimulatedPowercap, simulated_powercap

__all__ = ["SimulatedNvml", "SimulatedPowercap", "simulated_nvml", "simulated_powercap"]

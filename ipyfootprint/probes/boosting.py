"""Boosting rounds of XGBoost and LightGBM: both train through `Booster.update`."""

from __future__ import annotations

from typing import Any

from ipyfootprint.probes.counts import ROUNDS, Work
from ipyfootprint.probes.patch import Patches


def attach(library: Any, work: Work, patches: Patches) -> None:
    """Count a round for each update, whoever calls it: train, cv, the scikit-learn classes."""
    patches.after(library.Booster, "update", lambda *_, **__: work.count(ROUNDS))

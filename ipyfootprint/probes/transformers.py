"""Steps of the Hugging Face Trainer."""

from __future__ import annotations

from typing import Any

from ipyfootprint.probes.counts import STEPS, Progress, Work
from ipyfootprint.probes.patch import Patches


def attach(callbacks: Any, work: Work, patches: Patches) -> None:
    """Count the Trainer's steps, one after each accumulation of gradients, and its progress."""
    reached: list[Progress] = []

    def stepped(_: object, handler: Any, args: Any, state: Any, *_args: Any, **_kw: Any) -> None:
        work.count(STEPS, 1, "transformers")
        if state.max_steps and state.max_steps > 0:
            reached[:] = [(state.global_step, state.max_steps)]

    patches.after(callbacks.CallbackHandler, "on_step_end", stepped)
    work.progress["transformers"] = lambda: reached[0] if reached else None
    work.reset["transformers"] = reached.clear

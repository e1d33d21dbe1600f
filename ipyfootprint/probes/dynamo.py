"""Keeps `torch.compile` from tracing into the count of optimizer steps.

A step that the user compiles calls our hook; traced, it would warn and might be compiled
again for each new count. torch imports this compiler at the first step at the latest.
"""

from __future__ import annotations

import sys
from typing import Any

from ipyfootprint.probes.counts import Work
from ipyfootprint.probes.patch import Patches


def attach(dynamo: Any, _work: Work, _patches: Patches) -> None:
    """Exempt our hook, and ours alone, from compilation."""
    hooks = sys.modules["torch.optim.optimizer"]._global_optimizer_post_hooks
    for key, hook in list(hooks.items()):
        if getattr(hook, "__module__", None) == "ipyfootprint.probes.torch":
            hooks[key] = dynamo.disable(hook)

"""Optimizer steps and DataLoader samples of PyTorch."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

from ipyfootprint.probes.counts import SAMPLES, STEPS, Work
from ipyfootprint.probes.patch import Patches, attribute

_optimizer: weakref.ref[Any] | None = None


def attach(torch: Any, work: Work, patches: Patches) -> None:
    """Count each `step` of any torch.optim optimizer, and the samples that DataLoaders yield."""
    count = work.count

    def stepped(optimizer: Any, _args: object, _kwargs: object) -> None:
        global _optimizer
        count(STEPS, 1, "torch")
        if _optimizer is None or _optimizer() is not optimizer:
            _optimizer = weakref.ref(optimizer)

    def hook(optimizer: Any, args: object, kwargs: object) -> None:
        patches.tell(stepped, optimizer, args, kwargs)

    # Its package hides the module; it is there, `import torch` has brought it.
    optimizers = sys.modules[f"{torch.__name__}.optim.optimizer"]
    handle = optimizers.register_optimizer_step_post_hook(hook)
    patches.on_restore(handle.remove)
    iterator = attribute(torch, "utils.data.dataloader")._BaseDataLoaderIter
    patches.after(iterator, "__next__", lambda data, *_: count(SAMPLES, samples(data)))


def samples(batch: object) -> int:
    """How many samples a batch holds: the first dimension of its first tensor, else 1."""
    for _ in range(4):
        shape = getattr(batch, "shape", None)
        if shape is not None:
            return int(shape[0]) if len(shape) else 1
        if isinstance(batch, Mapping) and batch:
            batch = next(iter(batch.values()))
        elif isinstance(batch, Sequence) and not isinstance(batch, str | bytes) and batch:
            if isinstance(batch[0], str | bytes):
                return len(batch)
            batch = batch[0]
        else:
            break
    return 1


def parameters() -> int | None:
    """How many parameters the optimizer that stepped last trains, or None."""
    optimizer = _optimizer() if _optimizer is not None else None
    if optimizer is None:
        return None
    return sum(int(p.numel()) for group in optimizer.param_groups for p in group["params"])

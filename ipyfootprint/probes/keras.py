"""Training and prediction batches of Keras 3, whatever its backend."""

from __future__ import annotations

from typing import Any

from ipyfootprint.probes.counts import BATCHES, PREDICTIONS, Progress, Work
from ipyfootprint.probes.patch import Patches


class _Fit:
    """Where the running fit is: Keras tells the first and the last step of each execution."""

    def __init__(self) -> None:
        self.first = 0
        self.epoch = 0
        self.done: float = 0
        self.total: float = 0

    def reset(self) -> None:
        """No fit is running."""
        self.done = self.total = 0

    def progress(self) -> Progress | None:
        """Batches done and planned over all epochs, where the number of steps is known."""
        return (self.done, self.total) if self.total else None


def attach(keras: Any, work: Work, patches: Patches) -> None:
    """Count batches at the one list of callbacks that every backend's loop calls.

    With `steps_per_execution` one call stands for several batches. `train_on_batch`, which a
    loop of the user's own calls, has no callbacks.
    """
    fit = _Fit()

    def epoch_begins(_: None, callbacks: Any, epoch: int, *_args: Any, **_kwargs: Any) -> None:
        fit.epoch = int(epoch)

    def begins(_: None, callbacks: Any, batch: int, *_args: Any, **_kwargs: Any) -> None:
        fit.first = int(batch)

    def trained(_: None, callbacks: Any, batch: int, *_args: Any, **_kwargs: Any) -> None:
        work.count(BATCHES, int(batch) - fit.first + 1)
        known = getattr(callbacks, "params", None) or {}
        steps, epochs = known.get("steps"), known.get("epochs")
        if steps and epochs:
            fit.done, fit.total = fit.epoch * steps + int(batch) + 1, steps * epochs

    def predicted(_: None, callbacks: Any, batch: int, *_args: Any, **_kwargs: Any) -> None:
        work.count(PREDICTIONS, int(batch) - fit.first + 1)

    owner = keras.callbacks.CallbackList
    patches.after(owner, "on_epoch_begin", epoch_begins)
    patches.after(owner, "on_train_batch_begin", begins)
    patches.after(owner, "on_train_batch_end", trained)
    patches.after(owner, "on_predict_batch_begin", begins)
    patches.after(owner, "on_predict_batch_end", predicted)
    patches.after(keras.Model, "train_on_batch", lambda *_, **__: work.count(BATCHES))
    work.progress["keras"] = fit.progress
    work.reset["keras"] = fit.reset

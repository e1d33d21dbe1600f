"""The two IPython hooks: one before a cell, one after. Nothing they do reaches the cell."""

from __future__ import annotations

import math
from argparse import Namespace
from typing import Any

from ipyfootprint.api import Recording
from ipyfootprint.errors import FootprintError
from ipyfootprint.jupyter import host, marker
from ipyfootprint.jupyter.confirm import Gate, ask
from ipyfootprint.jupyter.show import Show
from ipyfootprint.model import Status
from ipyfootprint.probes.flops import Counting
from ipyfootprint.rebound.lineage import Code, fingerprint, lineage_of
from ipyfootprint.rebound.phases import phase_of
from ipyfootprint.tracker import Span, status_from


class Extension:
    """Metering of one IPython shell.

    Attributes:
        auto: whether every cell is metered, not only those under `%%footprint`.
        phase: the phase of cells that name none.
    """

    def __init__(self, shell: Any, recording: Recording, show: Show) -> None:
        self.shell, self.recording, self.show = shell, recording, show
        self.tracker = recording.tracker
        self._gate = Gate(shell)
        self.auto = False
        self._plain = marker.read_options("")
        self.phase: str | None = None
        # By the id of IPython's info object, which lives as long as its cell runs: cells nest
        # (a cell that runs another), and run side by side in subshells.
        self._running: dict[int, tuple[Span, Namespace, bool]] = {}
        self._waiting: tuple[Any, Namespace] | None = None

    def attach(self) -> None:
        """Register the transformer and the hooks."""
        self.shell.input_transformers_cleanup.append(marker.remove)
        self.shell.events.register("pre_run_cell", self.before)
        self.shell.events.register("post_run_cell", self.after)

    def detach(self) -> None:
        """Take the transformer and the hooks away again."""
        self._gate.open()
        if marker.remove in self.shell.input_transformers_cleanup:
            self.shell.input_transformers_cleanup.remove(marker.remove)
        for event, hook in (("pre_run_cell", self.before), ("post_run_cell", self.after)):
            try:
                self.shell.events.unregister(event, hook)
            except ValueError:
                continue

    def before(self, info: Any) -> None:
        """A cell is about to run."""
        try:
            if info.silent or not info.store_history:
                return
            self.show.repeat()
            options = marker.options_of(info.raw_cell)
            # In auto mode a cell within a running one is part of it.
            skipped = not self.auto or bool(self._running) or marker.is_ours_alone(info.raw_cell)
            if options is None and (skipped or marker.is_refused(info.raw_cell)):
                return
            if not self._may_run(info, options or marker.read_options("")):
                return
            if options is not None and options.greenest:
                self._waiting = info, options
                return
            self._begin(info, options or self._plain, options is not None)
        except Exception as error:
            self.show.fault(error)

    def wait(self) -> None:
        """The first statement of a cell that waits for its cleanest start; metering follows.

        An interrupt passes: the cell then ends unrun, and no run is recorded.
        """
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return
        from ipyfootprint.jupyter.wait import hold

        info, options = waiting
        try:
            lineage = self._lineage(info, options, fingerprint(info.raw_cell, self.shell.user_ns))
            hold(self.tracker.runs(), lineage, options.start_before, self.show.ticker())
        except Exception as error:
            self.show.fault(error)
        try:
            self._begin(info, options, True)
        except Exception as error:
            self.show.fault(error)

    def after(self, result: Any) -> None:
        """A cell has run (or this is the end of one that began before we were loaded)."""
        try:
            self._waiting = None
            self._gate.open()
            begun = self._running.pop(id(result.info), None)
            if begun is not None:
                self._end(result, *begun)
        except Exception as error:
            self.show.fault(error)

    def _begin(self, info: Any, options: Namespace, asked: bool) -> None:
        code = fingerprint(info.raw_cell, self.shell.user_ns)
        lineage = self._lineage(info, options, code)
        run = self.tracker.new_run(
            cell_id=host.cell_id_of(self.shell, info),
            code_hash=code.skeleton_hash,
            config_hash=code.config_hash,
            lineage=lineage,
            label=options.label,
            phase=options.phase or self.phase or phase_of(info.raw_cell),
            planned=options.plan or self.recording.watch.planned(lineage),
        )
        self.show.starting(run, options, asked=asked)
        self._running[id(info)] = (self.tracker.begin(run), options, asked)
        if options.flops:
            options.flops = self._counting()

    def _lineage(self, info: Any, options: Namespace, code: Code) -> str:
        cell_id = host.cell_id_of(self.shell, info)
        return lineage_of(options.label, cell_id, code.skeleton_hash)

    def _counting(self) -> Counting | None:
        try:
            return Counting()
        except FootprintError as error:
            self.show.tell(error)
            return None

    def _may_run(self, info: Any, options: Namespace) -> bool:
        """False where a cell would pass the budget and the person, asked, says no."""
        if self.recording.budgets.budget is None:
            return True
        code = fingerprint(info.raw_cell, self.shell.user_ns)
        lineage = self._lineage(info, options, code)
        warning = self.recording.budgets.before(lineage, code.config_hash)
        if warning is None:
            return True
        if self.recording.budgets.budget.action == "confirm":
            allowed = ask(self.shell, f"{warning} Run it? [y/N] ")
            if allowed is False:
                self._gate.refuse(warning)
            if allowed is not None:
                return allowed
            warning += " Nobody can be asked here: it runs."
        self.show.remark(warning)
        return True

    def _end(self, result: Any, span: Span, options: Namespace, asked: bool) -> None:
        status, declared = status_of(result), self._declared(options)
        if not (asked or self.show.may_show(span)):
            self.tracker.end_unseen(span, status, **declared)
            self.show.notices()
            return
        run = self.tracker.end(span, status, **declared)
        if options.output:
            self.shell.user_ns[options.output] = run
        self.show.ended(run, options, asked=asked)

    def _declared(self, options: Namespace) -> dict[str, Any]:
        """What the marker line says of the work done and of the outcome."""
        found: dict[str, Any] = {}
        if options.work:
            found |= {"work_units": options.work[0], "work_kind": options.work[1]}
        if options.metric:
            value = plain_number(self.shell.user_ns.get(options.metric))
            if value is None:
                self.show.tell(
                    FootprintError(
                        f"--metric {options.metric}: that variable holds no finite number",
                        "the run is kept without its metric",
                        "Name a variable that holds one, or call ipyfootprint.metric.",
                    )
                )
            found |= {"metric_name": options.metric, "metric": value}
        if options.flops:
            counted = options.flops.end()
            found["flops"] = counted.total
            if counted.parameters is not None:
                found["parameters"] = counted.parameters
        return found


def plain_number(value: object) -> float | None:
    """A variable's value as a finite number (tensors and arrays of one element too), or None."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def status_of(result: Any) -> Status:
    """How a cell ended, from IPython's result."""
    return status_from(result.error_before_exec or result.error_in_exec)

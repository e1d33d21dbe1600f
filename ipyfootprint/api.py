"""Metering without magics: scripts, tests, marimo, and what the magics are made of."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ipyfootprint import config, probes
from ipyfootprint.accounting import Accountant
from ipyfootprint.attribution import granted_cores
from ipyfootprint.budgets import BudgetWatch
from ipyfootprint.config import Settings
from ipyfootprint.errors import FootprintError
from ipyfootprint.grid import intensities
from ipyfootprint.ids import boot_id, user_id, uuid7
from ipyfootprint.late import Late
from ipyfootprint.ledger import MEMORY, open_ledger
from ipyfootprint.ledger.identity import repository_project
from ipyfootprint.machine import (
    advisers_of,
    context_of,
    grid_of,
    hardware_id,
    hardware_of,
    place_of,
)
from ipyfootprint.meter import Meter
from ipyfootprint.mlflow_tags import MlflowTags
from ipyfootprint.model import Channel, Run, Session
from ipyfootprint.rebound.budget import Budget
from ipyfootprint.relay import Relay
from ipyfootprint.sensors.proctree import TAG
from ipyfootprint.tracker import Event, Tracker
from ipyfootprint.watch import Watch

if TYPE_CHECKING:
    from ipyfootprint.ledger.publish import Publisher
    from ipyfootprint.marimo_cells import MarimoCells
    from ipyfootprint.widgets.summary import Summary

_active: Recording | None = None


class Recording:
    """An open session of this process: its tracker, its settings and its one thread."""

    def __init__(
        self,
        settings: Settings,
        *,
        notebook: str | None = None,
        env: Mapping[str, str] = os.environ,
    ) -> None:
        self.settings = settings
        ledger, warning = open_ledger(settings.ledger)
        self._channels: Sequence[Channel] = ()
        self._locate()
        session = _new_session(settings, notebook)
        # By it the sampler knows what a cell started and its parents left behind.
        os.environ[TAG] = session.session_id
        self.tracker = Tracker(
            session,
            Meter(
                ledger.path if ledger.is_durable else None,
                env={**env, TAG: session.session_id},
            ),
            ledger,
            self._accountant(),
        )
        if warning is not None:
            self.tracker.notices.append(warning)
        self.tracker.listeners += [self._hear, MlflowTags().hear]
        self.watch = Watch(self.tracker, settings.waste)
        self.budgets = BudgetWatch(self.tracker, self._budget())
        self._late = Late(self.tracker)
        self._late.follow(self.grid, self.advisers)
        self.relay = Relay(self.tracker)
        self._publisher: Publisher | None = None
        self._publish()
        self.marimo: MarimoCells | None = None
        probes.install()
        atexit.register(self.close)

    def change(self, name: str, text: str) -> None:
        """Change one setting for what follows in this session.

        Raises:
            ConfigError: no such setting, or a value it cannot take.
        """
        changed = self.settings.with_value(name, text, config.SESSION)
        if name == "team" and changed.team is not None:
            from ipyfootprint.ledger.connection import parameters

            parameters(changed.team)
        self.settings = changed
        if name in ("zone", "intensity", "network"):
            self._locate()
            self._late.follow(self.grid, self.advisers)
        if name in ("team", "share"):
            self._publish()
        elif name == "budget":
            self.budgets.set(self._budget())
        elif name == "waste":
            self.watch.ask(self.settings.waste)
        self.tracker.accountant = self._accountant()

    def _budget(self) -> Budget | None:
        return Budget.parse(self.settings.budget) if self.settings.budget else None

    def _publish(self) -> None:
        """Send what is recorded to the team, where one is set: from a thread of its own."""
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None
        path = getattr(self.tracker.ledger, "path", MEMORY)
        if self.settings.team is not None and path != MEMORY:
            from ipyfootprint.ledger.publish import Publisher
            from ipyfootprint.ledger.refusals import needs_somebody

            def notice(error: FootprintError) -> None:
                if needs_somebody(error):  # a server that is only away is nothing to be told of
                    self.tracker.notice(error)

            self._publisher = Publisher(
                path,
                self.settings.team,
                self.settings.share,
                nap_s=0.05,
                notice=notice,
            )
            self._publisher.start()

    def _locate(self) -> None:
        """Where this machine stands, and the sources of its grid's intensity."""
        self.place = place_of(self.settings)
        self.grid = grid_of(self.settings, self.place)
        self.advisers = advisers_of(self.settings, self.place)

    def _accountant(self) -> Accountant:
        cores = granted_cores()
        self.hardware = hardware_of(self.settings, self._channels)
        context = context_of(self.settings, self.hardware, cores, self.place, self.grid)
        return Accountant(cores, context, hardware_id(self.hardware))

    def _hear(self, event: Event, run: Run) -> None:
        """The sampler names the devices only once it has found them."""
        channels = self.tracker.meter.channels()
        if event == "started" and channels != self._channels:
            self._channels = channels
            self.tracker.accountant = self._accountant()

    def close(self) -> None:
        """End the session: every run closed, no thread, process or handle left."""
        global _active
        atexit.unregister(self.close)
        if os.getpid() == self.tracker.pid:
            os.environ.pop(TAG, None)
            probes.uninstall()
            self.relay.close()
            self.tracker.close()
            if self._publisher is not None:
                self._publisher.close()
        if _active is self:
            _active = None


def recording(notebook: str | None = None) -> Recording:
    """The open session of this process; opens one if there is none."""
    global _active
    if _active is None or os.getpid() != _active.tracker.pid:
        settings, problems = config.load()
        _active = Recording(settings, notebook=notebook)
        _active.tracker.notices.extend(problems)
    if _active.marimo is None and "marimo" in sys.modules:
        _follow_marimo(_active)
    return _active


def _follow_marimo(here: Recording) -> None:
    """Show runs in marimo's cells, where this process runs any."""
    from ipyfootprint import marimo_cells

    if marimo_cells.place() is not None:
        here.marimo = marimo_cells.MarimoCells(here, lambda rows: summary_of(here, rows))


def _new_session(settings: Settings, notebook: str | None) -> Session:
    return Session(
        session_id=uuid7(),
        user_id=user_id(),
        started_at=datetime.now(UTC),
        project=settings.project or repository_project(),
        zone=settings.zone,
        notebook=notebook,
        pid=os.getpid(),
        boot_id=boot_id(),
    )


def runs(all: bool = False) -> list[Run]:
    """This session's runs, oldest first, each as settled as its counters allow now.

    Args:
        all: every run in the ledger, not only this session's.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    tracker = recording().tracker
    here = tracker.runs()
    if not all:
        return here
    kept = {run.run_id: run for run in tracker.ledger.runs()}
    return list((kept | {run.run_id: run for run in here}).values())


def session() -> Summary:
    """What this session has used so far: totals with bounds, the time between runs, and more.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    here = recording()
    summary = summary_of(here, here.tracker.runs())
    return replace(summary, panel=here.marimo.panel) if here.marimo else summary


def summary_of(here: Recording, rows: Iterable[Run]) -> Summary:
    """The summary of a recording's session from its runs."""
    from ipyfootprint.widgets.gather import session_summary

    context = here.tracker.accountant.context
    return session_summary(
        here.tracker.session,
        rows,
        here.tracker.gap(),
        now=datetime.now(UTC),
        findings=here.watch.findings,
        rebounds=here.watch.detector.rebounds(),
        assumptions=context.assumptions,
        zones=intensities(),
        lifetime_y=context.lifetime_years.mid,
        usage=here.budgets.usage(),
        budget_set_at=here.budgets.set_at,
        least_j=here.settings.threshold,
        equivalents=here.settings.equivalents,
    )

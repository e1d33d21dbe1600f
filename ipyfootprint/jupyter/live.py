"""Everything that `%load_ext ipyfootprint` sets up in one shell."""

from __future__ import annotations

import atexit
import os
from functools import partial
from typing import TYPE_CHECKING, Any

from ipyfootprint.api import Recording, recording, summary_of
from ipyfootprint.config import Settings
from ipyfootprint.jupyter import host
from ipyfootprint.jupyter.extension import Extension
from ipyfootprint.jupyter.magics import FootprintMagics
from ipyfootprint.jupyter.show import Show

if TYPE_CHECKING:
    from ipyfootprint.diagnosis import Diagnosis


class Live:
    """The recording, hooks, magics and display of one shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self.recording: Recording = recording(notebook=host.notebook_of(shell))
        self.tracker = self.recording.tracker
        self.show = Show(
            self.recording,
            partial(summary_of, self.recording),
            updates=host.front_end(shell) != "terminal",
            page=partial(host.page, shell),
        )
        atexit.register(self.show.close)
        self.extension = Extension(shell, self.recording, self.show)
        self.extension.auto = self.settings.auto
        self._magics = FootprintMagics(shell, self)
        shell.register_magics(self._magics)
        self.extension.attach()

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.recording.settings

    def diagnosis(self) -> Diagnosis:
        """What is measured here, what is not, and why."""
        from ipyfootprint.diagnosis import Diagnosis, machine, state, versions

        meter = self.tracker.meter
        return Diagnosis(
            channels=meter.channels(),
            absences=meter.absences(),
            settings=self.settings,
            facts={
                **machine(),
                **state(self.settings),
                "front end": host.front_end(self._shell),
                "sampler": meter.state,
            },
            problems=[*map(str, self.tracker.notices), *filter(None, meter.faults())],
            versions=versions(),
        )

    def close(self) -> None:
        """Take all of it away again."""
        self.extension.detach()
        atexit.unregister(self.show.close)
        self.show.close()
        for kind in ("line", "cell"):
            self._shell.magics_manager.magics[kind].pop("footprint", None)
        self._shell.magics_manager.registry.pop(type(self._magics).__name__, None)
        if os.getpid() == self.tracker.pid:
            self.recording.close()

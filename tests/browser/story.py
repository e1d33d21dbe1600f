"""A session as it might have been: executed in a kernel, so that its views have much to show."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ipyfootprint.model import CarbonIntensity, DeviceEnergy

GRID = CarbonIntensity(344.0, 300.0, 400.0, "DEU", source="Ember, average of Germany", year=2024)


def told(live, small=0):
    """Write a morning of training into a session: twelve runs, then cheaper and longer ones.

    Args:
        live: what is set up in the shell.
        small: how many short cells come on top.
    """
    script = [("data", "load", 900.0, 12.0, None)] * 2
    script += [("training", "train", 40_000.0, 200.0, 10.0)] * 12
    script += [("evaluation", "score", 2_500.0, 15.0, None)]
    script += [("training", "train", 36_000.0, 180.0, 18.0)] * 14
    script += [("exploration", None, 120.0 + n, 2.0, None) for n in range(small)]
    at = datetime.now(UTC) - timedelta(hours=2)
    live.tracker.session = replace(live.tracker.session, started_at=at)
    for index, (phase, label, energy_j, seconds, work) in enumerate(script):
        wobble = 1 + 0.03 * (index * 7 % 5 - 2)
        gpu, cpu = energy_j * wobble * 0.8, energy_j * wobble * 0.2
        made = live.tracker.new_run(
            label=label,
            lineage=f"label:{label}" if label else f"cell:{index}",
            phase=phase,
            code_hash="b" if work == 18.0 else "a",
            config_hash=f"c{index % 3}",
        )
        carbon = energy_j * wobble / 3.6e6 * GRID.g_per_kwh
        run = replace(
            made,
            started_at=at,
            status="error" if index == 9 else "ok",
            duration_s=seconds * wobble,
            devices={
                "gpu0": DeviceEnergy(gpu, gpu * 0.95, gpu * 1.05, 1.0, "counter", "gpu", "GPU"),
                "cpu0": DeviceEnergy(cpu, cpu * 0.95, cpu * 1.05, 1.0, "counter", "cpu", "CPU"),
            },
            method="counter",
            settled=True,
            energy_j=gpu + cpu,
            energy_low_j=(gpu + cpu) * 0.95,
            energy_high_j=(gpu + cpu) * 1.05,
            idle_j=(gpu + cpu) * 0.15,
            intensity=GRID,
            operational_g=carbon,
            operational_low_g=carbon * 0.83,
            operational_high_g=carbon * 1.22,
            embodied_g=carbon * 0.2,
            embodied_low_g=carbon * 0.1,
            embodied_high_g=carbon * 0.4,
            water_l=energy_j / 3.6e6 * 2,
            water_low_l=energy_j / 3.6e6,
            water_high_l=energy_j / 3.6e6 * 4,
            work_units=work,
            work_kind="epochs" if work else None,
        )
        live.tracker.ledger.begin(made)
        live.tracker.ledger.close_run(run, None, live.tracker.gap())
        live.recording.watch.hear("ended", run)
        at += timedelta(seconds=seconds * wobble + (60 if label == "train" else 5))
    live.show.notices()


def told_in_marimo(small=0):
    """The same in a marimo cell."""
    from types import SimpleNamespace

    from ipyfootprint.api import recording

    here = recording()
    show = SimpleNamespace(notices=here.marimo.notices)
    told(SimpleNamespace(tracker=here.tracker, recording=here, show=show), small)

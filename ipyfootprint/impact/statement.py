"""A methods paragraph and table for a paper, and the carbon metadata of a model card."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from ipyfootprint.amounts import (
    carbon_of,
    embodied_of,
    energy_of,
    gap_energy_of,
    total_of,
    water_of,
)
from ipyfootprint.impact.assumptions import Assumption
from ipyfootprint.model import CarbonIntensity, Gap, Run
from ipyfootprint.units import (
    carbon_text,
    duration_text,
    energy_text,
    percent_text,
    singular,
    water_text,
)
from ipyfootprint.words import WORDS, counted, method_word, named, say

_HEAD = (
    "phase",
    "runs",
    "head_unfinished",
    "time",
    "energy",
    "head_operational",
    "head_embodied",
    "water",
)


def statement(
    runs: Sequence[Run],
    assumptions: Iterable[Assumption] = (),
    *,
    hardware: str = "",
    gap: Gap | None = None,
    unit: tuple[float, str] | None = None,
    version: str = "",
) -> str:
    """Markdown: how much was used, how that is known, and under which assumptions.

    Failed, interrupted and lost runs are inside every figure.

    Args:
        runs: of one session, or of a whole project.
        assumptions: the context's.
        hardware: what it ran on.
        gap: the time between the runs, shown as a row of its own.
        unit: functional unit of the SCI score, e.g. (40, "epoch").
        version: of ipyfootprint.
    """
    if not runs:
        return WORDS["statement_none"]
    parts = [_paragraph(runs, hardware, version), "", *_table(runs, gap), ""]
    if score := _sci(runs, unit):
        parts += [score, ""]
    lines = [f"- {line.name}: {_value(line)} ({_whence(line)})" for line in assumptions]
    return "\n".join(parts + lines).rstrip() + "\n"


def model_card(
    runs: Sequence[Run], *, hardware: str = "", training_type: str = "", version: str = ""
) -> str:
    """The `co2_eq_emissions` block of a Hugging Face model card: YAML, grams, all runs.

    Operational and embodied carbon together where both are known; "" without any carbon.
    """
    grams = _sum(runs, "operational_g")
    if grams is None:
        return ""
    made = _sum(runs, "embodied_g")
    zones = dict.fromkeys(run.intensity.zone for run in runs if run.intensity)
    what = "operational" if made is None else "operational and embodied"
    fields = {
        "source": f"ipyfootprint {version}".rstrip() + f", {what}, location-based",
        "training_type": training_type,
        "geographical_location": ", ".join(zones),
        "hardware_used": hardware,
    }
    lines = [f"  emissions: {grams + (made or 0.0):.6g}"]
    lines += [f"  {name}: {json.dumps(text)}" for name, text in fields.items() if text]
    return "\n".join(["co2_eq_emissions:", *lines]) + "\n"


def tags_text(intensity: CarbonIntensity) -> str:
    """All that says what kind of figure an intensity is."""
    tags = ("accounting", "basis", "boundary", "method", "resolution")
    kind = [
        *(named(f"tag_{tag}", getattr(intensity, tag)) for tag in tags),
        WORDS["tag_estimated"] if intensity.estimated else "",
        intensity.source,
        str(intensity.year or ""),
    ]
    return ", ".join(filter(None, kind))


def _value(line: Assumption) -> str:
    """A value with its unit and bounds, where it has any: "1.54, 1.07 to 1.67"."""
    value = f"{line.value:.4g} {named('unit', line.unit)}".rstrip()
    if line.low is None or line.high is None or line.low >= line.high:
        return value
    return say("statement_input", value=value, low=f"{line.low:.4g}", high=f"{line.high:.4g}")


def _whence(line: Assumption) -> str:
    return ", ".join(filter(None, (line.sourced, named("set_by", line.set_by))))


def _paragraph(runs: Sequence[Run], hardware: str, version: str) -> str:
    first, last = min(run.started_at for run in runs), max(run.started_at for run in runs)
    unfinished = [run for run in runs if run.status != "ok"]
    days = say("statement_days", first=f"{first:%Y-%m-%d}", last=f"{last:%Y-%m-%d}")
    if first.date() == last.date():
        days = say("statement_day", day=f"{first:%Y-%m-%d}")
    energy, carbon, made = (
        total_of(map(amount, runs)) for amount in (energy_of, carbon_of, embodied_of)
    )
    text = [
        counted(
            "statement_metered",
            len(runs),
            tool=f"ipyfootprint {version}".rstrip(),
            unfinished=len(unfinished),
            days=days,
            time=duration_text(sum(run.duration_s or 0.0 for run in runs)),
            machine=say("statement_machine", hardware=hardware) if hardware else "",
        ),
        say("statement_energy", energy=energy_text(energy), methods=_methods(runs)),
    ]
    tagged = dict.fromkeys(tags_text(run.intensity) for run in runs if run.intensity)
    grams = _weighted(runs)
    if grams is not None:
        pues = sorted({run.pue for run in runs if run.pue is not None})
        pue = say("statement_pues", low=f"{pues[0]:.3g}", high=f"{pues[-1]:.3g}")
        text.append(
            say(
                "statement_carbon_mixed" if len(tagged) > 1 else "statement_carbon",
                carbon=carbon_text(carbon),
                pue=pue if len(pues) > 1 else f"{pues[0]:.3g}",
                intensity=f"{grams:.3g}",
                tags=" | ".join(tagged),
            )
        )
    if made is not None and carbon is not None and made.mid + carbon.mid > 0:
        share = percent_text(made.mid / (made.mid + carbon.mid))
        text.append(say("statement_embodied", carbon=carbon_text(made), share=share))
    return " ".join(text)


def _methods(runs: Sequence[Run]) -> str:
    energies: dict[str, float] = {}
    for run in runs:
        word = method_word(run)
        energies[word] = energies.get(word, 0.0) + (run.energy_j or 0.0)
    whole = sum(energies.values())
    if whole <= 0:
        return WORDS["statement_nothing"]
    return ", ".join(
        say("statement_share", share=percent_text(energy / whole), method=word)
        for word, energy in energies.items()
        if energy
    )


def _table(runs: Sequence[Run], gap: Gap | None) -> list[str]:
    phases = dict.fromkeys(run.phase for run in runs)
    rows = [
        _row(
            WORDS.get(phase, phase) if phase else WORDS["statement_no_phase"],
            [run for run in runs if run.phase == phase],
        )
        for phase in phases
    ]
    rows.append(_row(WORDS["statement_all"], runs))
    if gap is not None:
        time, energy = duration_text(gap.duration_s), energy_text(gap_energy_of(gap))
        rows.append((WORDS["statement_gap"], "", "", time, energy, "", "", ""))
    head = tuple(WORDS[name] for name in _HEAD)
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, *rows)]
    lines.insert(1, "|" + "---|" * len(_HEAD))
    return lines


def _row(name: str, runs: Sequence[Run]) -> tuple[str, ...]:
    time = sum(run.duration_s or 0.0 for run in runs)
    return (
        name,
        str(len(runs)),
        str(sum(run.status != "ok" for run in runs)),
        duration_text(time),
        energy_text(total_of(map(energy_of, runs))),
        carbon_text(total_of(map(carbon_of, runs))),
        carbon_text(total_of(map(embodied_of, runs))),
        water_text(total_of(map(water_of, runs))),
    )


def _sci(runs: Sequence[Run], unit: tuple[float, str] | None) -> str:
    """SCI = (O + M) per R (ISO/IEC 21031:2024)."""
    carbon, made = total_of(map(carbon_of, runs)), total_of(map(embodied_of, runs))
    if unit is None:
        kinds = {run.work_kind for run in runs if run.work_units}
        if len(kinds) != 1:
            return ""
        unit = sum(run.work_units or 0.0 for run in runs), singular(kinds.pop())
    if carbon is None or made is None or unit[0] <= 0:
        return ""
    score = (carbon + made) * (1 / unit[0])
    return say("statement_sci", carbon=carbon_text(score), unit=unit[1], count=f"{unit[0]:g}")


def _sum(runs: Sequence[Run], name: str) -> float | None:
    values = [value for run in runs if (value := getattr(run, name)) is not None]
    return sum(values) if values else None


def _weighted(runs: Sequence[Run]) -> float | None:
    """Intensity over all runs, weighted by the energy that met it."""
    met: list[tuple[float, float]] = [
        (run.energy_j * (run.pue or 1.0), run.intensity.g_per_kwh)
        for run in runs
        if run.energy_j and run.intensity
    ]
    whole = sum(energy for energy, _ in met)
    return sum(energy * grams for energy, grams in met) / whole if whole > 0 else None

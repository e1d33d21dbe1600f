"""Every run as one table with its sum: what `ipyfootprint run` and `%footprint cells` show."""

from __future__ import annotations

from collections.abc import Sequence

from ipyfootprint.amounts import carbon_of, energy_of, total_of
from ipyfootprint.model import METHODS, Run
from ipyfootprint.units import SUM_DIGITS, carbon_text, duration_text, energy_text
from ipyfootprint.widgets.static_view import View, boundary_words, tables_view
from ipyfootprint.widgets.summary import boundary
from ipyfootprint.widgets.tables import Table, intensity_words, run_name
from ipyfootprint.words import WORDS, counted, method_word, say, sum_method_word

HEAD = ("run", "time", "energy", "how", "operational", "state")


def runs_view(runs: Sequence[Run]) -> View:
    """The runs as text and HTML, under a line that names what was metered."""
    named = boundary_words(boundary(d for run in runs for d in run.devices.values()))
    metered = say("energy_at", boundary=named) if named else WORDS["nothing_metered"]
    return tables_view(", ".join((counted("cells", len(runs)), metered)), [runs_table(runs)])


def runs_table(runs: Sequence[Run]) -> Table:
    """One line a run, one for their sum, and a legend."""
    rows = [_row(run) for run in runs]
    if len(runs) > 1:
        rows.append(_sum(runs))
    return Table("runs", "", tuple(WORDS[name] for name in HEAD), tuple(rows), legend(runs))


def legend(runs: Sequence[Run]) -> tuple[str, ...]:
    """What the words and brackets of a table of runs mean; only what occurs in it."""
    replayed = any(run.is_replay for run in runs)
    used = [m for m in METHODS if any(run.method == m and not run.is_replay for run in runs)]
    how = [*(WORDS[f"means_{m}"] for m in used), *([WORDS["means_replay"]] if replayed else [])]
    notes = ["; ".join(how)] if how else []
    seen = [run.intensity for run in runs if run.intensity is not None]
    if seen:
        unset = f"; {WORDS['zone_unset']}" if any(i.zone == "WOR" for i in seen) else ""
        notes.append(say("carbon_at", intensity=f"{intensity_words(runs)}{unset}"))
    if any(run.energy_j is not None for run in runs):
        notes.append(WORDS["brackets"])
    return tuple(notes)


def _row(run: Run) -> tuple[str, ...]:
    return (
        run_name(run),
        duration_text(run.duration_s),
        energy_text(energy_of(run)),
        method_word(run) if run.energy_j is not None else "",
        carbon_text(carbon_of(run)),
        WORDS[run.status],
    )


def _sum(runs: Sequence[Run]) -> tuple[str, ...]:
    """What is known of all runs together, named by its weakest method."""
    energy = total_of(map(energy_of, runs))
    return (
        say("all_of", count=len(runs)),
        duration_text(sum(run.duration_s or 0.0 for run in runs)),
        energy_text(energy, SUM_DIGITS),
        sum_method_word(runs) if energy is not None else "",
        carbon_text(total_of(map(carbon_of, runs)), SUM_DIGITS),
        "",
    )

"""A summary as titled tables: one shape that text, HTML and the live panel draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ipyfootprint.amounts import carbon_of, energy_of
from ipyfootprint.impact.equivalents import UNITS, Equivalent
from ipyfootprint.impact.equivalents import equivalents as of_totals
from ipyfootprint.model import Estimate, Run
from ipyfootprint.units import (
    SUM_DIGITS,
    carbon_text,
    duration_text,
    energy_text,
    length_text,
    mass_text,
    percent_text,
    water_text,
)
from ipyfootprint.widgets import charts
from ipyfootprint.widgets.drawing import Drawing, image
from ipyfootprint.widgets.markup import Markup, plain
from ipyfootprint.widgets.rows import (
    Budget,
    Change,
)
from ipyfootprint.widgets.summary import Summary
from ipyfootprint.words import WORDS, method_word, named, say, sum_method_word

AMOUNT_TEXT = {"energy": energy_text, "carbon": carbon_text, "water": water_text}
MJ_J = 1e6
# the impacts that are sums over runs, and where a run keeps them
COLUMNS = {
    "operational": "operational_g",
    "embodied": "embodied_g",
    "water": "water_l",
    "minerals": "adpe_kgsbeq",
    "primary": "primary_energy_mj",
    "ewaste": "ewaste_kg",
}
KG_G = 1e3
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table of finished texts; `drawing` shows the same as a picture.

    `name` is what a program calls it. Whatever a text holds, it is one harmless line here.
    """

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    drawing: Drawing | None = None

    def __post_init__(self) -> None:
        for field in ("title", "head", "rows", "notes"):
            object.__setattr__(self, field, _lines(getattr(self, field)))

    @property
    def image(self) -> Markup | None:
        """The drawing as a static image, or None."""
        return image(self.drawing) if self.drawing else None


def _lines(texts: Any) -> Any:
    """A text, or tuples of texts, each as one harmless line."""
    return plain(texts, LONGEST) if isinstance(texts, str) else tuple(map(_lines, texts))


def summary_tables(summary: Summary) -> list[Table]:
    """Every table of a session's summary that has something to say, in reading order."""
    tables = [
        totals(summary),
        equivalents(summary),
        timeline(summary),
        budget_table(summary.budget),
        top_cells(summary),
        phases(summary),
        ranks(summary),
        rebound(summary),
        waterfall(summary.change),
        loop(summary.links),
        assumptions(summary),
    ]
    return [table for table in tables if table is not None]


def totals(summary: Summary) -> Table:
    """Energy with the idle line, and every impact that is known, with bounds and method."""
    cells, modelled = sum_method_word(summary.runs), WORDS["modelled"]
    between = cells if cells == WORDS["replay"] else WORDS[summary.gap_method]
    rows = [("energy_cells", energy_text(summary.energy, SUM_DIGITS), cells)]
    if summary.idle is not None:
        rows.append(("energy_idle", energy_text(summary.idle), cells))
    if summary.gap_s is not None:
        amount = energy_text(summary.gap, SUM_DIGITS)
        gap = say("within", amount=amount, time=duration_text(summary.gap_s))
        rows.append(("energy_gap", gap, between))
    if summary.rest is not None:
        rows.append(("energy_rest", energy_text(summary.rest), modelled))
    carbon = carbon_text(summary.operational, SUM_DIGITS)
    rows.append(("operational", carbon, intensity_words(summary.runs)))
    if summary.embodied is not None:
        rows.append(("embodied", carbon_text(summary.embodied, SUM_DIGITS), modelled))
    if summary.water is not None:
        rows.append(("water", water_text(summary.water, SUM_DIGITS), modelled))
    if summary.adpe_kgsbeq is not None:
        rows.append(("minerals", mass_text(_modelled(summary.adpe_kgsbeq * KG_G)), modelled))
    if summary.primary_energy_mj is not None:
        rows.append(("primary", energy_text(_modelled(summary.primary_energy_mj * MJ_J)), modelled))
    if summary.ewaste_kg is not None:
        rows.append(("ewaste", mass_text(_modelled(summary.ewaste_kg * KG_G)), modelled))
    missing = summary.unmeasured
    notes = (say("unmeasured", count=missing),) if missing else ()
    head = (WORDS["quantity"], WORDS["value"], WORDS["how"])
    texts = tuple((WORDS[name], text, how + _share(name, summary.runs)) for name, text, how in rows)
    title = say("total", amount=energy_text(summary.total, SUM_DIGITS))
    return Table("totals", title, head, texts, notes)


def _share(name: str, runs: Sequence[Run]) -> str:
    """Of how many cells a sum is, where some have no such figure; "" where all have one."""
    column = COLUMNS.get(name)
    known = sum(getattr(run, column) is not None for run in runs) if column else 0
    return say("share_of", known=known, all=len(runs)) if 0 < known < len(runs) else ""


def equivalents(summary: Summary) -> Table | None:
    """The totals as everyday equivalents with their sources; only where they were asked for."""
    if not summary.equivalents:
        return None
    found = of_totals(summary.total, summary.operational)
    rows = tuple(
        (
            WORDS[f"equivalent_{each.figure.name}"],
            _amount(each),
            f"{each.figure.source} ({each.figure.year})",
        )
        for each in found
    )
    head = tuple(WORDS[word] for word in ("as_much_as", "amount", "source"))
    return Table("equivalents", WORDS["equivalents"], head, rows, (WORDS["equivalents_note"],))


def _amount(each: Equivalent) -> str:
    is_length = UNITS[each.figure.name] == "m"
    return length_text(each.amount) if is_length else water_text(each.amount)


def intensity_words(runs: Iterable[Run]) -> str:
    """The grid intensities behind the carbon: "436 g/kWh, DEU, 2024", or their range."""
    seen = {run.intensity for run in runs if run.intensity is not None}
    if not seen:
        return WORDS["unknown"]
    if len(seen) > 1:
        low, high = min(i.g_per_kwh for i in seen), max(i.g_per_kwh for i in seen)
        bases = sorted({intensity.basis for intensity in seen})
        ends = {"a": named("tag_basis", bases[0]), "b": named("tag_basis", bases[-1])}
        mixed = say("mixed_bases", **ends) if len(bases) > 1 else ""
        return f"{low:.0f}-{high:.0f} g/kWh{mixed}"
    one = seen.pop()
    year = f", {one.year}" if one.year else ""
    zone = WORDS["world"] if one.zone == "WOR" else plain(one.zone, 24)
    return f"{one.g_per_kwh:.0f} g/kWh, {zone}{year}"


def timeline(summary: Summary) -> Table | None:
    """Energy over the session as a picture."""
    spans = [
        ((r.started_at - summary.session.started_at).total_seconds(), r.duration_s or 0, r.energy_j)
        for r in summary.runs
        if r.energy_j is not None
    ]
    if len(spans) < 2 or summary.duration_s <= 0:
        return None
    top = energy_text(max(energy for _, _, energy in spans))
    title = say("timeline_title", duration=duration_text(summary.duration_s), top=top)
    drawing = charts.timeline(spans, summary.duration_s, title)
    return Table("timeline", WORDS["timeline"], (), (), (), drawing)


def budget_table(budget: Budget | None) -> Table | None:
    """How much of the budget is used."""
    if budget is None:
        return None
    line = budget_words(budget)
    drawing = charts.budget_bar(budget.used, budget.limit, line)
    return Table("budget", WORDS["budget"], (), (), (line,), drawing)


def budget_words(budget: Budget) -> str:
    """A budget in words: "21 Wh of 500 Wh (4 %) per session"."""
    amount = AMOUNT_TEXT[budget.kind]
    return say(
        "budget_line",
        used=amount(budget.used),
        limit=amount(budget.limit),
        share=percent_text(budget.used / budget.limit if budget.limit > 0 else None),
        period=plain(budget.period, 30),
    ).rstrip()


def top_cells(summary: Summary) -> Table | None:
    """The runs that used most energy."""
    if not summary.top:
        return None
    head = tuple(WORDS[w] for w in ("run", "energy", "carbon", "time", "state", "method"))
    return Table("top", WORDS["top"], head, tuple(_run_row(run) for run in summary.top))


def _run_row(run: Run) -> tuple[str, ...]:
    return (
        run_name(run),
        energy_text(energy_of(run)),
        carbon_text(carbon_of(run)),
        duration_text(run.duration_s),
        WORDS[run.status],
        method_word(run),
    )


def run_name(run: Run) -> str:
    """A run as tables call it: "Cell 12 (train)"."""
    label = f" ({plain(run.label, 30)})" if run.label else ""
    return say("cell", number=run.number) + label


def phases(summary: Summary) -> Table | None:
    """Totals by phase of the life cycle, failed runs included."""
    if not summary.phases:
        return None
    head = tuple(WORDS[w] for w in ("phase", "runs", "energy", "carbon", "time"))
    rows = tuple(
        (
            WORDS[p.phase] if p.phase else WORDS["no_phase"],
            str(p.runs),
            energy_text(p.energy, SUM_DIGITS),
            carbon_text(p.operational, SUM_DIGITS),
            duration_text(p.duration_s),
        )
        for p in summary.phases
    )
    return Table("phases", WORDS["phases"], head, rows)


def ranks(summary: Summary) -> Table | None:
    """Ranks by time, energy and carbon; says so where energy is modelled and cannot tell."""
    found = summary.discrepancy
    if len(found.ranks) < 2:
        return None
    head = tuple(WORDS[w] for w in ("run", "time", "energy", "carbon"))
    rows = tuple(
        (run_name(r.run), _place(r.time), _place(r.energy), _place(r.carbon)) for r in found.ranks
    )
    notes = [WORDS["ranks_note"]]
    if not found.can_tell:
        notes.append(WORDS["ranks_modelled"])
    elif found.time_energy is not None and found.energy_carbon is not None:
        values = {"time_energy": f"{found.time_energy:.2f}"}
        values["energy_carbon"] = f"{found.energy_carbon:.2f}"
        notes.append(say("correlations", **values))
    return Table("ranks", WORDS["ranks"], head, rows, tuple(notes))


def rebound(summary: Summary) -> Table | None:
    """The findings of the session, newest first, and what would help."""
    if not summary.findings and summary.change is None and not summary.links:
        return None
    rows = tuple(
        (WORDS[f.level], plain(f.message, 600), WORDS[f.answer] if f.answer else "")
        for f in reversed(summary.findings)
    )
    notes = [] if rows else [WORDS["rebound_none"]]
    for advice in summary.advice:
        saves = f" ({say('saves', amount=plain(advice.saves, 40))})" if advice.saves else ""
        notes.append(f"{plain(advice.text, 300)}{saves}")
    return Table("rebound", WORDS["rebound"], ("", "", "") if rows else (), rows, tuple(notes))


def waterfall(change: Change | None) -> Table | None:
    """The decomposition of a change, as a picture and as rows."""
    if change is None:
        return None
    unit = plain(change.unit, 24)
    before, after = f"{change.before:.3g} {unit}", f"{change.after:.3g} {unit}"
    whole = max(change.before, change.after)
    rows = tuple(
        (plain(p.name, 40), f"{charts.part_text(p.value, whole)} {unit}") for p in change.parts
    )
    listed = ", ".join(f"{name} {value}" for name, value in rows)
    title = say("waterfall_title", before=before, after=after, parts=listed)
    drawing = charts.waterfall(change.parts, change.before, change.after, title)
    rows = ((WORDS["before"], before), *rows, (WORDS["after"], after))
    return Table(
        "waterfall", WORDS["waterfall"], (WORDS["factor"], WORDS["part"]), rows, (), drawing
    )


def loop(links: Sequence[charts.Link]) -> Table | None:
    """The causal loop with measured strengths, as a picture and as sentences."""
    if not links:
        return None
    lines = tuple(_link_words(link) for link in links)
    drawing = charts.loop(links, f"{WORDS['loop']}: {'; '.join(lines)}")
    return Table("loop", WORDS["loop"], (), (), lines, drawing)


def _link_words(link: charts.Link) -> str:
    unknown, ends = WORDS["unknown"], (plain(link.source, 40), plain(link.target, 40))
    if link.strength is None:
        return say("link_unknown", source=ends[0], target=ends[1])
    return say(
        "link",
        source=ends[0],
        target=ends[1],
        strength=f"{link.strength:+.2g}",
        low=unknown if link.low is None else f"{link.low:+.2g}",
        high=unknown if link.high is None else f"{link.high:+.2g}",
        open=WORDS["link_open"] if link.dotted else "",
    )


def assumptions(summary: Summary) -> Table | None:
    """Every input of the totals with its source."""
    if not summary.assumptions:
        return None
    rows = tuple(
        (plain(a.name, 60), plain(a.value, 60), plain(a.source, 160)) for a in summary.assumptions
    )
    return Table(
        "assumptions",
        WORDS["assumptions"],
        tuple(WORDS[w] for w in ("input", "value", "source")),
        rows,
    )


def _place(rank: int | None) -> str:
    return WORDS["unknown"] if rank is None else str(rank)


def _modelled(value: float) -> Estimate:
    """A modelled figure without bounds of its own: one digit is all that it bears."""
    return Estimate(value, value / 2, value * 2)

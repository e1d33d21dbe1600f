"""The static twins: what terminals, exports and pages without scripts show.

Each view is a pair of text/plain and text/html. The HTML holds no script, no style sheet,
no link and no widget, so that it lives in a saved notebook, in an export and on pages that
keep little more than tables and bold type; style attributes only make it nicer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ipyfootprint.amounts import carbon_of, embodied_of, energy_of
from ipyfootprint.model import Finding, Kind, PowerTrace, Run
from ipyfootprint.units import (
    carbon_text,
    change_text,
    duration_text,
    energy_text,
    power_text,
)
from ipyfootprint.widgets.charts import blocks
from ipyfootprint.widgets.markup import Markup, element, joined, plain
from ipyfootprint.widgets.rows import (
    Advice,
)
from ipyfootprint.widgets.summary import Summary, boundary
from ipyfootprint.widgets.tables import Table, summary_tables
from ipyfootprint.words import WORDS, counted, method_word, say

MARKS = {"started": "▶", "ok": "✓", "error": "✗", "interrupted": "■", "lost": "?"}
LEVELS = {"warn": "⚠", "notice": "ℹ"}
LINE = "font-size:.9em;line-height:1.6"
CELL = "text-align:left;padding:1px 12px 1px 0"
SHORT = 15  # a text up to here, as a time is, is not broken in two


@dataclass(frozen=True, slots=True)
class View:
    """One thing to show, as plain text and as HTML."""

    text: str
    html: str

    def mimebundle(self) -> dict[str, str]:
        """The view as a display's data, for `display(..., raw=True)`."""
        # Plain strings: some hosts' encoders know no kind of str but str itself.
        return {"text/plain": str(self.text), "text/html": str(self.html)}


def run_view(run: Run, previous: Run | None = None, trace: PowerTrace | None = None) -> View:
    """One line for one run, with its change against the cell's previous run."""
    words = run_words(run, previous)
    text = " · ".join([f"{words[0]} {words[1]}", *words[2:]])
    curve = power_blocks(trace)
    parts: list[str] = [
        f"{MARKS[run.status]} ",
        element("b", words[0]),
        f" {' · '.join(words[1:])}",
    ]
    if curve:
        parts += [" · ", element("span", curve[0], title=curve[1])]
    return View(text, element("div", *parts, style=LINE))


def line_view(text: str) -> View:
    """One line of text."""
    return View(plain(text), element("div", plain(text), style=LINE))


def notice_view(notice: Exception | str) -> View:
    """One line for a problem that metering has met: what happened, what was done, what to type."""
    line = f"{LEVELS['notice']} {plain(notice, 600)}"
    return View(line, element("div", line, style=LINE))


def run_words(run: Run, previous: Run | None = None) -> list[str]:
    """The parts of a run's line: name, state, energy, carbon, time, change."""
    name = say("cell", number=run.number)
    if run.label:
        name += f" ({plain(run.label, 40)})"
    if run.status == "started" and run.energy_j is None:  # it has only just begun
        return [name, WORDS[run.status]]
    words = [name, WORDS[run.status], energy_words(run), carbon_words(run)]
    if run.embodied_g is not None:
        made = carbon_text(embodied_of(run))
        words[-1] = say("with_embodied", operational=words[-1], embodied=made)
    words.append(duration_text(run.duration_s))
    if run.metric is not None and run.metric_name:
        words.append(f"{plain(run.metric_name, 24)} {run.metric:.4g}")
    change = change_text(run.energy_j, previous.energy_j) if previous else ""
    if change:
        words.append(say("change", change=change))
    if run.energy_j is not None and not run.settled and run.status != "started":
        words.append(WORDS["provisional"])
    return words


def carbon_words(run: Run) -> str:
    """A run's operational carbon, or that it is not known."""
    carbon = carbon_of(run)
    return WORDS["carbon_unknown"] if carbon is None else carbon_text(carbon)


def energy_words(run: Run) -> str:
    """A run's energy with its method and boundary: "21 J (20-22) measured at GPU + CPU"."""
    if run.energy_j is None:
        waiting = not run.settled and run.status != "started"
        return WORDS["not_read_yet" if waiting else "energy_unknown"]
    named = boundary_words(boundary(run.devices.values()))
    at = f" {say('at', boundary=named)}" if named else ""
    shared = any(device.shared for device in run.devices.values())
    note = f", {WORDS['shared']}" if shared else ""
    return f"{energy_text(energy_of(run))} {method_word(run)}{at}{note}"


def boundary_words(kinds: Sequence[Kind]) -> str:
    """The metered components as they are named with every total: "GPU + CPU + DRAM"."""
    return " + ".join(WORDS[kind] for kind in kinds)


def power_blocks(trace: PowerTrace | None) -> tuple[str, str] | None:
    """A run's power as a curve of block characters, and what it shows in a sentence."""
    if trace is None or not trace.watts:
        return None
    seen = [[w for w in step if w is not None] for step in zip(*trace.watts.values(), strict=False)]
    total = [sum(step) if step else None for step in seen]
    known = [value for value in total if value is not None]
    if len(known) < 2:
        return None
    low, high = power_text(min(known)), power_text(max(known))
    return blocks(total), say("power_title", low=low, high=high)


def finding_view(finding: Finding, advice: Sequence[Advice] = ()) -> View:
    """A rebound warning: its sentence, how it was answered, and what would help."""
    title = WORDS[finding.level]
    sentence = plain(finding.message, 600)
    answer = WORDS[finding.answer] if finding.answer else ""
    answered = f"{WORDS['answers']}: {answer}." if answer else ""
    helps = [advice_words(item) for item in advice]
    text = "\n".join(
        [f"{title}: {sentence}", *filter(None, [answered]), *(f"- {h}" for h in helps)]
    )
    parts: list[str] = [f"{LEVELS[finding.level]} ", element("b", f"{title}:"), f" {sentence}"]
    if answered:
        parts.append(f" {answered}")
    if helps:
        listed = element("ul", *(element("li", item) for item in helps))
        parts.append(joined(element("div", f"{WORDS['helps']}:"), listed))
    return View(text, element("div", *parts, style=LINE))


def advice_words(advice: Advice) -> str:
    """One piece of advice with its saving."""
    text = plain(advice.text, 300)
    return f"{text} ({say('saves', amount=plain(advice.saves, 40))})" if advice.saves else text


def summary_view(summary: Summary) -> View:
    """A session: totals, top cells, phases, ranks, budget, rebound and assumptions."""
    title = WORDS["summary_title"]
    if not summary.runs:
        empty = WORDS["no_runs"]
        return View(f"{title}\n{empty}", element("div", element("b", title), f": {empty}"))
    line = headline(summary)
    tables = summary_tables(summary)
    text = "\n\n".join([f"{title}: {line}", *(table_text(table) for table in tables)])
    html = element(
        "div", element("div", element("b", title), f": {line}"), *(table_html(t) for t in tables)
    )
    return View(text, html)


def tables_view(line: str, tables: Sequence[Table]) -> View:
    """A sentence and the tables that bear it out."""
    line = plain(line, 600)
    text = "\n\n".join([line, *(table_text(table) for table in tables)])
    return View(text, element("div", element("b", line), *(table_html(t) for t in tables)))


def headline(summary: Summary) -> str:
    """The session in one line: cells, time, failures and what was metered."""
    failed = say("failed_part", count=summary.failed) if summary.failed else ""
    named = boundary_words(summary.boundary)
    return say(
        "summary_line",
        cells=counted("cells", len(summary.runs)),
        duration=duration_text(summary.duration_s),
        failed=failed,
        boundary=say("at", boundary=named) if named else WORDS["nothing_metered"],
    )


def table_text(table: Table) -> str:
    """A table as aligned plain text under its title, its notes below."""
    lines = [table.title] if table.title else []
    rows = [table.head, *table.rows] if any(table.head) else list(table.rows)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    for row in rows:
        padded = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        lines.append(f"  {'  '.join(padded)}".rstrip())
    notes = table.notes
    if not rows and not notes and table.drawing:
        notes = (table.drawing.title,)
    return "\n".join([*lines, *(f"  {note}" for note in notes)])


def table_html(table: Table) -> Markup:
    """A table under its title, with its picture and its notes."""
    parts: list[str] = [
        element("div", element("b", table.title), style="margin-top:8px;break-after:avoid")
    ]
    if table.image is not None:
        parts.append(element("div", table.image))
    if table.rows:
        head = element("tr", *(element("th", text, style=CELL) for text in table.head))
        body = [
            element("tr", *(element("td", t, style=_style(t)) for t in row)) for row in table.rows
        ]
        inner = [element("thead", head)] if any(table.head) else []
        parts.append(element("table", *inner, element("tbody", *body)))
    parts += [element("div", note) for note in table.notes]
    return joined(*parts)


def _style(text: str) -> str:
    return f"{CELL};white-space:nowrap" if len(text) <= SHORT else CELL

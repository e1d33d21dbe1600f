"""The drill-down: experiments by falling energy, then single runs where the source has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import ipywidgets as w

from ipyfootprint.errors import FootprintError
from ipyfootprint.model import METHODS, Estimate
from ipyfootprint.team.aggregates import Aggregates, Page, Volume
from ipyfootprint.team.texts import name_of
from ipyfootprint.units import carbon_text, duration_text, energy_text
from ipyfootprint.widgets.markup import element, plain
from ipyfootprint.widgets.static_view import table_html
from ipyfootprint.widgets.tables import Table
from ipyfootprint.words import WORDS

RUN_HEAD = ("started", "person", "state", "time", "energy", "energy is", "operational carbon")


def experiments_table(found: Aggregates, page: Page) -> Table:
    """A page of experiments."""
    rows = []
    for project, lineage, people, volume in page.rows:
        assert isinstance(volume, Volume)
        work = "" if volume.work is None else f"{volume.work:.4g} {plain(volume.work_kind, 20)}"
        rows.append(
            (
                plain(lineage, 40),
                name_of(found, str(project), "project"),
                str(people),
                str(volume.runs),
                work,
                energy_text(float(f"{volume.energy_j:.3g}")),
                carbon_text(volume.carbon_g and float(f"{volume.carbon_g:.3g}")),
            )
        )
    head = ("experiment", "project", "people", "runs", "work", "energy", "operational carbon")
    return Table("page", "Experiments of these weeks, the largest first", head, tuple(rows))


def runs_table(found: Aggregates, lineage: str, page: Page) -> Table:
    """A page of one experiment's runs."""
    rows = [_run_row(found, dict(zip(page.head, row, strict=True))) for row in page.rows]
    title = f"Runs of {plain(lineage, 40)}, the newest first ({found.filters.zone})"
    return Table("runs", title, RUN_HEAD, tuple(rows))


def _run_row(found: Aggregates, row: dict[str, Any]) -> tuple[str, ...]:
    started = datetime.fromtimestamp(row["started_us"] / 1e6, UTC)
    duration = row["duration_us"]
    how = WORDS[row["method"] if row["method"] in METHODS else "unknown"]
    how = WORDS["replay"] if row["replayed"] else how
    return (
        started.astimezone(ZoneInfo(found.filters.zone)).strftime("%Y-%m-%d %H:%M"),
        name_of(found, row["user_id"], "person"),
        WORDS.get(row["status"], WORDS["unknown"]),
        duration_text(None if duration is None else duration / 1e6),
        energy_text(_bounded(row, "energy{}_uj")),
        how,
        carbon_text(_bounded(row, "operational{}_ug")),
    )


def _bounded(row: dict[str, Any], column: str) -> Estimate | None:
    mid, low, high = (row[column.format(part)] for part in ("", "_low", "_high"))
    if mid is None:
        return None
    low, high = mid if low is None else low, mid if high is None else high
    return Estimate(mid / 1e6, min(low, mid) / 1e6, max(high, mid) / 1e6)


class Drill:
    """Pages behind two buttons; a page is asked for when its button is pressed.

    Args:
        source: may have the methods `experiments(filters, after)` and `runs(lineage, after)`.
        found: gives what is shown now.
    """

    def __init__(self, source: object, found: Callable[[], Aggregates]) -> None:
        self._source, self._found = source, found
        self._page: Page | None = None
        self._runs: Page | None = None
        self._show = w.Button(description="Show experiments")
        self._pick = w.Dropdown(options=[], description="runs of")
        self._next = w.Button(description="Next runs")
        self._text, self._run_text = w.HTML(), w.HTML()
        self._show.on_click(self._more_experiments)
        self._pick.observe(self._first_runs, names="value")
        self._next.on_click(self._more_runs)
        rows = [self._show, self._text]
        self._below = w.VBox([w.HBox([self._pick, self._next]), self._run_text])
        self.widget = w.VBox(rows if hasattr(source, "experiments") else [])

    def reset(self) -> None:
        """Forget the pages: the filters have changed."""
        self._page = self._runs = None
        self._show.description, self._show.disabled = "Show experiments", False
        self._text.value = self._run_text.value = ""
        self._set_children(below=False)

    def _set_children(self, *, below: bool) -> None:
        if self.widget.children:
            extra = [self._below] if below else []
            self.widget.children = (self._show, self._text, *extra)

    def _more_experiments(self, _: object) -> None:
        after = self._page.after if self._page else None
        page = self._asked(
            self._text,
            lambda: self._source.experiments(self._found().filters, after),  # type: ignore[attr-defined]
        )
        if page is None:
            return
        self._page = page
        self._text.value = str(table_html(experiments_table(self._found(), page)))
        self._show.description, self._show.disabled = "Next experiments", page.after is None
        if self._found().runs:
            names = [str(row[1]) for row in page.rows]
            self._pick.unobserve(self._first_runs, names="value")
            self._pick.options = [("", None), *((plain(name, 40), name) for name in names)]
            self._pick.value = None
            self._pick.observe(self._first_runs, names="value")
            self._set_children(below=True)

    def _first_runs(self, _: object) -> None:
        self._runs = None
        self._run_text.value = ""
        if self._pick.value is not None:
            self._more_runs(None)

    def _more_runs(self, _: object) -> None:
        lineage = self._pick.value
        if lineage is None:
            return
        after = self._runs.after if self._runs else None
        page = self._asked(self._run_text, lambda: self._source.runs(lineage, after))  # type: ignore[attr-defined]
        if page is not None:
            self._runs = page
            self._run_text.value = str(table_html(runs_table(self._found(), lineage, page)))
            self._next.disabled = page.after is None

    @staticmethod
    def _asked(place: w.HTML, ask: Callable[[], Page]) -> Page | None:
        try:
            return ask()
        except FootprintError as error:
            place.value = str(element("div", f"⚠ {error}", role="alert"))
            return None

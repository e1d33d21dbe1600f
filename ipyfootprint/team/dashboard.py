"""The dashboard in a notebook: controls, five blocks and a drill-down over one source."""

from __future__ import annotations

from datetime import date, timedelta
from os import PathLike
from typing import Any
from zoneinfo import available_timezones

import ipywidgets as w

from ipyfootprint.config import load
from ipyfootprint.errors import ConfigError, FootprintError
from ipyfootprint.team.aggregates import Aggregates, Source
from ipyfootprint.team.blocks import TITLES, blocks
from ipyfootprint.team.drill import Drill
from ipyfootprint.team.filters import DIMENSIONS, Dimension, Filters, Measure
from ipyfootprint.team.payload import figure_bundle
from ipyfootprint.team.place import source_at, source_of
from ipyfootprint.team.static import TITLE, dashboard_view, head_html, tables_html
from ipyfootprint.team.texts import name_of
from ipyfootprint.widgets.markup import Markup, element
from ipyfootprint.widgets.static_view import View

PERIODS = {"7 days": 7, "30 days": 30, "90 days": 90, "12 months": 365}
ALL = "all"
# The page's own colours, dark or light; plotly's text follows them too.
STYLE = Markup(
    "<style>.ipf-team-static{display:none}.ipf-team{color:var(--jp-ui-font-color1,inherit);max-width:1000px}"
    ".ipf-team .widget-html-content,.ipf-team .jp-RenderedHTMLCommon{line-height:1.5}"
    ".ipf-team table{border-collapse:collapse;margin:2px 0;font-variant-numeric:tabular-nums}"
    ".ipf-team th,.ipf-team td{text-align:left;padding:1px 14px 1px 0;vertical-align:top;"
    "font-weight:400;background:none}"
    ".ipf-team th:not(:last-child),.ipf-team td:not(:last-child){white-space:nowrap}"
    ".ipf-team thead th{color:var(--jp-ui-font-color2,inherit)}"
    ".ipf-team .js-plotly-plot text{fill:var(--jp-ui-font-color1,#6e7781)!important}</style>"
)


class TeamDashboard:
    """Where a team's energy and carbon go, what was wasted, and what became of savings.

    Display it, or call `view` for text and HTML without scripts. Nothing is drawn before it is
    displayed, and nothing runs beside the kernel: a control asks the source once.

    Args:
        source: a callable that takes Filters and returns Aggregates, a ledger file, or the
            address of a team's server; left out, the server or the ledger of the settings. Where
            it has the methods
            `experiments` and `runs`, the drill-down uses them.
        days: length of the period at first.
        zone: time zone in which days begin.
        today: the last day, today if left out.
        measure: "carbon" (operational) or "energy".

    Raises:
        ConfigError: the period, zone or measure is none, or a place that cannot be read.
        LedgerError: the source does not answer.
    """

    def __init__(
        self,
        source: Source | str | PathLike[str] | None = None,
        *,
        days: int = 30,
        zone: str = "UTC",
        today: date | None = None,
        measure: Measure = "carbon",
    ) -> None:
        if measure not in ("carbon", "energy"):
            raise ConfigError(f"{measure!r} is not a measure", "", "Type carbon or energy.")
        if source is None or isinstance(source, (str, PathLike)):
            source = source_of(load()[0]) if source is None else source_at(str(source))
        self._source, self._today = source, today
        self._until = Filters.last(days, today, zone).until
        self.measure: Measure = measure
        self.filters = Filters.last(days, today, zone)
        self.found: Aggregates = source(self.filters)
        self._widget: w.VBox | None = None

    def view(self) -> View:
        """What is shown now, as text and as HTML without scripts."""
        return dashboard_view(self.found, self.measure)

    def figures(self) -> dict[str, Any]:
        """The figures by the name of their block, as `plotly.graph_objects.Figure`."""
        from plotly.graph_objects import Figure

        made = blocks(self.found, self.measure)
        return {block.name: Figure(block.figure) for block in made if block.figure}

    def show(self, **changes: Any) -> None:
        """Ask again with other filters (project=, person=, by=, since=, until=, zone=, ...).

        `measure` may be changed too. What is displayed follows.

        Raises:
            ConfigError: a filter that is none.
            LedgerError: the source does not answer; what was shown stays.
        """
        measure = changes.pop("measure", self.measure)
        known = {name: getattr(self.filters, name) for name in Filters.__slots__}
        filters = Filters(**(known | changes))
        self.found = self._source(filters)
        self.filters, self.measure = filters, measure
        if self._widget is not None:
            self._fill()

    @property
    def widget(self) -> w.VBox:
        """The widget, made at first use."""
        if self._widget is None:
            self._widget = self._build()
            self._fill()
        return self._widget

    def _ipython_display_(self) -> None:
        """Two outputs: an export that has the widget's state would drop HTML beside it.

        The live one hides the static one, and where it does not live nothing is hidden.
        """
        from IPython.display import display

        static = self.view()
        page = str(element("div", Markup(static.html), class_="ipf-team-static"))
        display({"text/plain": static.text, "text/html": page}, raw=True)
        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        live = {"application/vnd.jupyter.widget-view+json": view, "text/plain": ""}
        display(live, raw=True)

    def _build(self) -> w.VBox:
        self._message = w.HTML()
        self._texts = {name: w.HTML() for name in TITLES}
        self._plots = {name: w.Output() for name in TITLES}
        self._tables = {name: w.HTML() for name in TITLES}
        self._controls = self._made_controls()
        self._drill = Drill(self._source, lambda: self.found)
        shown = (self._texts, self._plots, self._tables)
        body = [parts[name] for name in TITLES for parts in shown]
        bar = w.Box(list(self._controls.values()), layout=w.Layout(flex_flow="row wrap"))
        head = w.HTML(STYLE + element("b", TITLE))
        made = w.VBox([head, bar, self._message, *body, self._drill.widget])
        made.add_class("ipf-team")
        return made

    def _made_controls(self) -> dict[str, w.Widget]:
        known = {str(self.filters.days): self.filters.days} | {str(d): d for d in PERIODS.values()}
        named = {days: name for name, days in PERIODS.items()}
        periods = [(named.get(days, f"{days} days"), days) for days in known.values()]
        controls: dict[str, w.Widget] = {
            "period": w.Dropdown(options=periods, value=self.filters.days, description="period"),
            "measure": w.Dropdown(
                options=["carbon", "energy"], value=self.measure, description="show"
            ),
            "by": w.Dropdown(options=DIMENSIONS, value=self.filters.by, description="split by"),
        }
        for name in DIMENSIONS:
            controls[name] = w.Dropdown(options=[(ALL, None)], description=name)
        controls["zone"] = w.Combobox(
            options=["UTC", *sorted(available_timezones() - {"UTC"})],
            value=self.filters.zone,
            description="time zone",
            ensure_option=True,
            continuous_update=False,
        )
        for control in controls.values():
            control.layout.width = "230px"
            control.observe(self._changed, names="value")
        return controls

    def _fill(self) -> None:
        """Put what was found into every part; controls that are set are left as they are."""
        for name in DIMENSIONS:
            self._set_choices(name)
        for block in blocks(self.found, self.measure):
            drawn = block.figure is not None
            self._texts[block.name].value = str(head_html(block))
            self._tables[block.name].value = str(tables_html(block))
            data = figure_bundle(block) if drawn else None
            # an equal figure must be drawn anew too: the one on the page may have lost its height
            self._plots[block.name].outputs = ()
            self._plots[block.name].outputs = _outputs(data)
        self._message.value = ""
        self._drill.reset()

    def _set_choices(self, name: Dimension) -> None:
        control = self._controls[name]
        values = list(self.found.choices.get(name, ()))
        options = [(ALL, None), *((name_of(self.found, v, name), v) for v in values)]
        if [value for _, value in control.options] == [value for _, value in options]:
            return
        chosen = control.value
        with control.hold_trait_notifications():
            control.unobserve(self._changed, names="value")
            control.options = options
            control.value = chosen if chosen in values else None
            control.observe(self._changed, names="value")

    def _changed(self, _: object) -> None:
        values = {name: control.value for name, control in self._controls.items()}
        zone = values["zone"] or "UTC"
        try:
            until = self._until
            if self._today is None:
                until = Filters.last(1, None, zone).until
            period = {"since": until - timedelta(days=values["period"]), "until": until}
            chosen = {name: values[name] for name in (*DIMENSIONS, "by", "measure")}
            self.show(zone=zone, **period, **chosen)
        except FootprintError as error:
            self._message.value = str(element("div", f"⚠ {error}", role="alert"))


def _outputs(data: dict[str, object] | None) -> tuple[dict[str, object], ...]:
    if data is None:
        return ()
    return ({"output_type": "display_data", "data": data, "metadata": {}},)

"""Findings as banners with buttons; each freezes once it is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from IPython.display import display

from ipyfootprint import widgets
from ipyfootprint.jupyter.host import Page, bundle_of
from ipyfootprint.model import Finding

if TYPE_CHECKING:
    from ipyfootprint.rebound.explain import Explanation
    from ipyfootprint.widgets.rebound import ReboundBanner

# what keeps an answer: (answer, finding id, amount) -> the finding with its answer
Keep = Callable[[str, str, str | None], Finding]
Explain = Callable[[Finding], "Explanation"]


@dataclass(slots=True)
class _Shown:
    finding: Finding
    handle: Any
    banner: ReboundBanner
    stays: bool


class Banners:
    """The banners of one shell.

    Args:
        keep: keeps what a person answers; called whenever the kernel gets to it, which may
            be long after the click.
        explain: what stands beside a finding.
    """

    def __init__(self, keep: Keep, explain: Explain) -> None:
        self._keep, self._explain = keep, explain
        self._shown: dict[str, _Shown] = {}

    def show(self, finding: Finding, *, page: Page) -> None:
        """Show a finding under this cell: with buttons, or as text alone."""
        from ipyfootprint.widgets import gather

        why = self._explain(finding)
        if page in ("", "try", "text"):
            view = widgets.static_view.finding_view(finding, gather.advice_rows(why.advice))
            display(view.mimebundle(), raw=True)
            return
        banner = gather.finding_banner(finding, why, partial(self._heard, finding.finding_id))
        handle = display(
            bundle_of(banner, page), raw=True, display_id=f"footprint-{finding.finding_id}"
        )
        self._shown[finding.finding_id] = _Shown(finding, handle, banner, page == "app")

    def answered(self, finding: Finding) -> None:
        """Freeze the banner of a finding that was answered, wherever that was done."""
        shown = self._shown.pop(finding.finding_id, None)
        if shown is None:
            return
        if shown.stays:
            shown.banner.update({**shown.banner.payload, "answer": finding.answer})
        else:
            shown.handle.update(widgets.static_view.finding_view(finding).mimebundle(), raw=True)
            shown.banner.close()

    def close(self) -> None:
        """Freeze every banner, so that no widget state is left."""
        for shown in list(self._shown.values()):
            self.answered(shown.finding)

    def _heard(self, finding_id: str, intent: str, value: str | None) -> None:
        self.answered(self._keep(intent, finding_id, value))

"""Energy, carbon, water and hardware impacts of every notebook cell, with bounds.

In a notebook: `%load_ext ipyfootprint`, then `%%footprint` on a cell or `%footprint on`.
Without magics: `track`, `runs`, `session`.
"""

from __future__ import annotations

# The sampler imports this package too, and its memory is counted: nothing is imported here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ipyfootprint.api import runs as runs
    from ipyfootprint.api import session as session
    from ipyfootprint.blocks import track as track
    from ipyfootprint.explain import assumptions as assumptions
    from ipyfootprint.explain import discrepancy as discrepancy
    from ipyfootprint.explain import model_card as model_card
    from ipyfootprint.explain import statement as statement
    from ipyfootprint.explain import when as when
    from ipyfootprint.hear import listen as listen
    from ipyfootprint.insight import advice as advice
    from ipyfootprint.insight import answer as answer
    from ipyfootprint.insight import breakeven as breakeven
    from ipyfootprint.insight import budget as budget
    from ipyfootprint.insight import compare as compare
    from ipyfootprint.insight import findings as findings
    from ipyfootprint.insight import lifecycle as lifecycle
    from ipyfootprint.insight import loop as loop
    from ipyfootprint.insight import plan as plan
    from ipyfootprint.probes import metric as metric
    from ipyfootprint.probes import work as work
    from ipyfootprint.team.dashboard import TeamDashboard as TeamDashboard

__version__ = "0.1.0"

# public name -> the module that has it, imported at first use
_PUBLIC = {
    "listen": "ipyfootprint.hear",
    "TeamDashboard": "ipyfootprint.team.dashboard",
    "track": "ipyfootprint.blocks",
    "runs": "ipyfootprint.api",
    "session": "ipyfootprint.api",
    "assumptions": "ipyfootprint.explain",
    "discrepancy": "ipyfootprint.explain",
    "statement": "ipyfootprint.explain",
    "model_card": "ipyfootprint.explain",
    "when": "ipyfootprint.explain",
    "work": "ipyfootprint.probes",
    "metric": "ipyfootprint.probes",
    "findings": "ipyfootprint.insight",
    "answer": "ipyfootprint.insight",
    "plan": "ipyfootprint.insight",
    "budget": "ipyfootprint.insight",
    "compare": "ipyfootprint.insight",
    "advice": "ipyfootprint.insight",
    "lifecycle": "ipyfootprint.insight",
    "loop": "ipyfootprint.insight",
    "breakeven": "ipyfootprint.insight",
}
__all__ = [*_PUBLIC, "load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext ipyfootprint`: register the magics and hooks; prints nothing."""
    from ipyfootprint import jupyter

    jupyter.load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext ipyfootprint`: take everything away again, the sampler process too."""
    from ipyfootprint import jupyter

    jupyter.unload(shell)


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        from importlib import import_module

        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'ipyfootprint' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])

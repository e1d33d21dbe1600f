"""Who may import whom: data walks from hardware to eyes, and nothing flows back."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "ipyfootprint"
VALUES = {"model", "amounts", "words", "units", "errors", "tables"}
PIPELINE = {"config", "ids", "sensors", "meter", "attribution", "impact", "grid", "probes"}
PIPELINE |= {
    "mlflow_tags",
    "ledger",
    "rebound",
    "accounting",
    "tracker",
    "relay",
    "machine",
    "watch",
    "late",
}
PIPELINE |= {"budgets"}
EVERYTHING = {"*"}

# room -> rooms it may import; "" is the package itself (its version)
TABLE = {
    "": EVERYTHING,
    "model": set(),
    "amounts": {"model"},
    "words": {"model"},
    "tables": set(),
    "errors": set(),
    "ids": set(),
    "slim": set(),
    "bars": set(),
    "units": {"model", "words", "errors"},
    "config": {"errors", "grid", "rebound"},
    "impact": VALUES,
    "rebound": VALUES,
    "sensors": VALUES,
    "grid": VALUES | {"config"},
    "ledger": VALUES | {"config", "ids"},
    "meter": {"model", "errors", "sensors", "attribution", "ledger", "slim"},
    "attribution": {"model", "errors"},
    "probes": {"model", "errors"},
    "accounting": VALUES | {"attribution", "impact"},
    "late": VALUES | {"grid", "impact", "tracker"},
    "machine": VALUES | {"attribution", "config", "grid", "ids", "impact", "sensors"},
    "tracker": VALUES | PIPELINE,
    "relay": {"model", "tracker"},
    "watch": VALUES | {"rebound", "tracker"},
    "budgets": VALUES | {"rebound", "tracker"},
    "ahead": VALUES | {"probes", "rebound"},
    "api": VALUES | PIPELINE | {"widgets", "marimo_cells"},
    "marimo_cells": VALUES | {"api", "insight", "jupyter", "tracker", "widgets"},
    "explain": VALUES | PIPELINE | {"", "api"},
    "blocks": VALUES | {"api", "rebound", "tracker", "widgets"},
    "insight": VALUES | PIPELINE | {"api", "explain"},
    "diagnosis": VALUES | PIPELINE | {""},
    "codecarbon": VALUES,
    "export": VALUES | {"bars", "codecarbon"},
    "widgets": VALUES | {"rebound", "impact"},
    "hear": {"api", "tracker"},
    "mlflow_tags": {"model", "tracker"},
    "team": VALUES | {"rebound", "widgets", "ledger", "config"},
    "jupyter": EVERYTHING,
    "commands": EVERYTHING,
    "cli": {"", "errors", "commands"},
    "__main__": {"cli"},
    "testing": VALUES | {"sensors", "grid", "ledger"},
}
# foreign package -> the only rooms that may import it
FOREIGN = {
    "pynvml": {"sensors"},
    "psutil": {"sensors", "attribution", "ledger"},
    "requests": {"grid", "ledger"},
    "sqlite3": {"ledger", "rebound"},
    "IPython": {"jupyter", "team"},
    "ipywidgets": {"widgets", "team"},
    "anywidget": {"widgets"},
    "marimo": {"marimo_cells"},
    "plotly": {"widgets", "team"},
    "sqlalchemy": {"ledger"},
    "psycopg": {"ledger"},
}


def room_of(path):
    relative = path.relative_to(PACKAGE)
    name = relative.parts[0].removesuffix(".py")
    return "" if name == "__init__" else name


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (
                [f"{node.module}.{alias.name}" for alias in node.names]
                if node.module == "ipyfootprint"
                else [node.module]
            )


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_what_the_table_allows(path):
    room = room_of(path)
    assert room in TABLE, f"{room!r} is a new room: say in the table what it may import"
    allowed = TABLE[room]
    for name in imports(path):
        top, _, rest = name.partition(".")
        if top == "ipyfootprint":
            target = rest.partition(".")[0]
            target = target if target in TABLE else ""
            assert target == room or target in allowed or allowed == EVERYTHING, (
                f"{path.name} imports {name}"
            )
        elif top in FOREIGN:
            assert room in FOREIGN[top], f"{path.name} imports {name}: only {FOREIGN[top]} may"

"""Every example runs from a clean kernel, ends well, shows its pictures and keeps no output."""

import json
import re
from pathlib import Path

import pytest

from ipyfootprint.cli import main

EXAMPLES = sorted((Path(__file__).parent.parent.parent / "examples").glob("*.ipynb"))
LONGEST_S = 120

pytestmark = pytest.mark.kernel


@pytest.mark.timeout(LONGEST_S + 60)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_from_a_clean_kernel(path, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out.ipynb"
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(tmp_path / "ledger.db"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    status = main(["run", str(path), "--output", str(out), "--timeout", str(LONGEST_S)])
    told = capsys.readouterr()
    assert status == 0, told.err + _failure(out)
    pictures = [data for data in _outputs(out, "data") if "image/png" in data]
    drawn = sum("plt.show()" in source for source in _sources(out))
    assert len(pictures) >= drawn


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_kept_without_outputs_and_ends_in_something_to_check(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
    assert any(re.search(r"^assert ", "".join(cell["source"]), re.M) for cell in code)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_picture_of_a_replay_says_so(path):
    replaying = False
    for source in _sources(path):
        replaying = replaying or "ReplaySensor" in source
        if replaying and "plt.show()" in source:
            assert "REPLAY" in source, source


def _sources(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def _outputs(path, key):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [out[key] for cell in cells for out in cell.get("outputs", []) if key in out]


def _failure(path):
    found = _outputs(path, "traceback") if path.exists() else []
    return "\n".join("\n".join(lines) for lines in found)

"""What settings and a budget change in a session's summary, in a real kernel."""

import json

import pytest

pytestmark = pytest.mark.kernel

CELL = "%%footprint -l work\nimport time; time.sleep(0.2)"  # 200 J at 1000 W


@pytest.fixture
def powered(new_kernel, tmp_path):
    recording = tmp_path / "power.json"
    recording.write_text(json.dumps({"dt_s": 1.0, "watts": {"gpu0": [1000.0] * 600}}))

    def start(**env):
        kernel = new_kernel(IPYFOOTPRINT_REPLAY=str(recording), **env)
        kernel.run("%load_ext ipyfootprint")
        kernel.run(CELL)
        return kernel

    return start


def summary(kernel):
    (shown,) = kernel.run("%footprint").shown
    return shown["text/plain"], shown["text/html"]


def test_a_budget_stands_in_the_summary_with_its_bar(powered):
    kernel = powered()
    assert "Budget" not in summary(kernel)[0]
    kernel.run("%footprint budget 100 J")
    text, html = summary(kernel)
    (line,) = [line for line in text.splitlines() if " of 100 J (" in line]
    used = float(line.split()[0])
    assert used > 100 and "per session" in line
    assert f'alt="{line.strip()}"' in html, "the bar says in words what it shows"
    kernel.run("%footprint budget none")
    assert "Budget" not in summary(kernel)[0]


def test_the_live_panel_follows_the_budget(powered):
    kernel = powered(JPY_SESSION_NAME="demo.ipynb")
    kernel.run("%footprint budget 5 kWh")
    kernel.run("%footprint")
    tables = "get_ipython()._ipyfootprint.show._panel._widget.payload['tables']"
    bar = f"[t for t in {tables} if t['id'] == 'budget'][0]"
    (note,) = kernel.value(f"{bar}['notes']")
    assert "of 5.00 kWh" in note and "per session" in note
    assert kernel.value(f"{bar}['drawing']['title']") == note


def test_equivalents_are_shown_only_after_somebody_asked(powered):
    kernel = powered()
    assert "petrol car" not in summary(kernel)[0]
    kernel.run("%footprint config equivalents on")
    text, html = summary(kernel)
    assert "petrol car" in text and "US EPA" in text and "US EPA" in html
    kernel.run("%footprint config equivalents off")
    assert "petrol car" not in summary(kernel)[0]


def test_a_summary_reads_the_ledger_once_however_long_the_session_is(powered):
    kernel = powered()
    kernel.run(
        "ledger = __import__('ipyfootprint').api.recording().tracker.ledger\n"
        "reads, read = [], type(ledger).runs\n"
        "type(ledger).runs = lambda *asked, **how: reads.append(asked) or read(*asked, **how)"
    )
    summary(kernel)
    assert kernel.value("len(reads)") == 1

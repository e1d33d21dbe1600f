import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from made_up import made_finding, made_run, made_runs, made_summary

from ipyfootprint import words
from ipyfootprint.widgets.cell import CellBadge
from ipyfootprint.widgets.live import STATIC
from ipyfootprint.widgets.payload import badge_payload, banner_payload
from ipyfootprint.widgets.rebound import ReboundBanner
from ipyfootprint.widgets.session import SessionPanel
from ipyfootprint.widgets.static_view import run_view

VIEW = "application/vnd.jupyter.widget-view+json"
SOURCES = Path(__file__).parents[2] / "js" / "src"


def test_a_display_carries_the_widget_and_its_static_twin():
    run = made_run(3, status="started")
    badge = CellBadge(badge_payload(run), run_view(run))
    bundle = badge.bundle()
    assert bundle[VIEW]["model_id"] == badge.model_id
    assert bundle["text/plain"].startswith("Cell 3 running")
    assert "<b>Cell 3</b>" in bundle["text/html"]
    assert badge._repr_mimebundle_() == (bundle, {})


def test_updates_from_a_thread_and_after_the_end_are_harmless():
    badge = CellBadge(badge_payload(made_run(3)))

    def relay():
        for n in range(200):
            badge.update(badge_payload(made_run(3, float(n))))

    thread = threading.Thread(target=relay)
    thread.start()
    badge.close()
    thread.join()
    last = dict(badge.payload)
    badge.update(badge_payload(made_run(3, 1e6)))
    badge.close()
    assert badge.payload == last


def banner(heard):
    return ReboundBanner(banner_payload(made_finding()), on_intent=heard)


def test_an_answer_reaches_python_once_as_intent_and_value():
    heard = []
    shown = banner(lambda intent, value: heard.append((intent, value)))
    shown._handle_custom_msg({"intent": "not-rebound", "value": None}, [])
    shown._handle_custom_msg({"intent": "budget", "value": "500 Wh"}, [])
    assert heard == [("not-rebound", None), ("budget", "500 Wh")]


@pytest.mark.parametrize(
    "content",
    [None, "planned", {"intent": "format disk", "value": None}, {"intent": "budget", "value": {}},
     {"intent": ["planned"], "value": None}, {"value": "1"}],
)  # fmt: skip
def test_a_malformed_message_is_passed_over(content):
    heard = []
    banner(lambda *said: heard.append(said))._handle_custom_msg(content, [])
    assert heard == []


def test_a_failing_listener_or_none_raises_nothing():
    def fail(intent, value):
        raise RuntimeError("late")

    for listener in (fail, None):
        banner(listener)._handle_custom_msg({"intent": "planned", "value": None}, [])


def test_a_long_value_is_cut():
    heard = []
    banner(lambda *said: heard.append(said))._handle_custom_msg(
        {"intent": "budget", "value": "9" * 5000}, []
    )
    assert len(heard[0][1]) == 60


def test_a_panel_shows_a_newer_summary_and_holds_its_rows_back(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("ipyfootprint.widgets.session.time.monotonic", lambda: now[0])
    panel = SessionPanel(made_summary(40))
    panel.show(made_summary(41))
    assert panel.payload["headline"].startswith("41 cells")
    assert panel.rows["count"] == 40
    now[0] = 3.0
    panel.show(made_summary(41))
    assert panel.rows["count"] == 41
    panel.show(replace(made_summary(41), runs=tuple(made_runs(42))), live=False)
    assert (panel.rows["count"], panel.payload["live"]) == (42, False)


@pytest.mark.parametrize("name", ["cell", "session", "rebound"])
def test_a_widget_is_one_small_module(name):
    built = (STATIC / f"{name}.js").read_bytes()
    assert len(built) <= 25_000
    assert b"innerHTML" not in built and b"insertAdjacentHTML" not in built
    assert not re.search(rb"https?://(?!www\.w3\.org/2000/svg)", built)


def test_every_phrase_is_used_and_every_used_phrase_exists():
    package = Path(words.__file__).parent
    files = [path.read_text().replace("'", '"') for path in package.rglob("*.py")]
    python = "".join(text for text in files if "ipyfootprint.words" in text)
    everywhere = "".join([*files, *(p.read_text() for p in SOURCES.rglob("*.ts"))])
    used = set(re.findall(r'(?:WORDS\[|\bsay\()\s*"([a-z_-]+)"', python))
    pairs = set(re.findall(r'counted\(\s*"([a-z_-]+)"', python))
    assert used | {f"{name}_{end}" for name in pairs for end in ("one", "many")} <= set(words.WORDS)
    made = re.findall(r'(?:WORDS\[|\bsay\(|named\()\s*f"([a-z_]+_)\{', python)
    made += [f"{what}_" for what in re.findall(r'named\(\s*"([a-z_]+)"', python)]
    left = [key for key in words.WORDS if f'"{key}"' not in everywhere]
    left = [key for key in left if not key.startswith((*made, "answer_"))]  # the browser's answers
    assert [key for key in left if re.sub("_(one|many)$", "", key) not in pairs] == []

"""The hostile corpus through every view in a real browser, scripts on, no host around it."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "widgets"))
from hostile import CORPUS, HARMLESS_TAGS
from made_up import made_finding, made_summary, made_trace
from test_hostile import hostile_run, views

from ipyfootprint.widgets.charts import Link, Part
from ipyfootprint.widgets.live import STATIC
from ipyfootprint.widgets.markup import plain
from ipyfootprint.widgets.payload import (
    badge_payload,
    banner_payload,
    fixed_payload,
    panel_payload,
    rows_payload,
)
from ipyfootprint.widgets.rows import Advice, AssumptionRow, Budget, Change
from ipyfootprint.widgets.summary import summarise

DRAWN = """async ([source, state]) => {
  const address = URL.createObjectURL(new Blob([source], {type: 'text/javascript'}));
  const {default: widget} = await import(address);
  const el = document.createElement('div');
  document.body.replaceChildren(el);
  const model = {get: name => state[name], set() {}, on() {}, off() {}, send() {}};
  widget.render({model, el});
  for (const block of el.querySelectorAll('details')) {
    block.open = true;
    block.dispatchEvent(new Event('toggle'));
  }
  for (const node of el.querySelectorAll('*')) {
    for (const kind of ['mouseover', 'focus', 'load', 'error']) node.dispatchEvent(new Event(kind));
  }
  await new Promise(done => setTimeout(done, 30));
  return found(el);
}"""
SHOWN = """async html => {
  document.body.innerHTML = html;
  await new Promise(done => setTimeout(done, 30));
  return found(document.body);
}"""
FOUND = """() => {
  window.found = root => {
    const nodes = [...root.querySelectorAll('*')];
    return {
      tags: [...new Set(nodes.map(node => node.localName))],
      acts: nodes.flatMap(node => [...node.attributes])
        .filter(a => a.name.startsWith('on')
          || (!['title', 'alt', 'aria-label'].includes(a.name) && /javascript:/i.test(a.value)))
        .map(a => a.name),
      styles: root.querySelectorAll('style').length,
      text: root.textContent,
    };
  };
}"""
LIVE_TAGS = HARMLESS_TAGS | {
    "style", "svg", "path", "text", "details", "summary", "p", "label", "input", "output", "select",
    "option", "button", "form",
}  # fmt: skip


@pytest.fixture(scope="module")
def blank(browser):
    page = browser.new_page()
    page.goto("about:blank")
    page.evaluate(FOUND)
    yield page
    page.close()


def states(evil):
    """Each widget's state with the text in all its fields."""
    run = hostile_run(evil)
    finding = made_finding(message=evil, lineage=evil)
    advice = [Advice(evil, evil)]
    change = Change(evil, 1.0, 4.0, (Part(evil, 3.0),))
    links = [Link(evil, "total", 0.4, 0.1, 0.7), Link("total", evil, None)]
    summary = summarise(
        made_summary(1).session, [run, hostile_run(evil, 2)], findings=[finding], change=change,
        budget=Budget(1.0, 2.0, "energy", evil), links=links, advice=advice,
        assumptions=[AssumptionRow(evil, evil, evil)], zones={evil: 3.0},
    )  # fmt: skip
    rows = rows_payload(summary.runs)
    panel = {"payload": panel_payload(summary), "rows": rows, "fixed": fixed_payload(summary)}
    banner = banner_payload(finding, change=change, links=links, advice=advice)
    return {
        "cell": {"payload": badge_payload(run, run, made_trace())},
        "session": panel,
        "rebound": {"payload": banner},
    }


@pytest.mark.parametrize("evil", CORPUS)
def test_a_live_view_shows_a_foreign_text_as_text(blank, evil):
    for name, state in states(evil).items():
        source = (STATIC / f"{name}.js").read_text(encoding="utf-8")
        seen = blank.evaluate(DRAWN, [source, state])
        assert set(seen["tags"]) <= LIVE_TAGS, name
        assert seen["acts"] == [] and seen["styles"] == 1, name
        assert plain(evil, 30)[:25].strip() in seen["text"], name
        assert blank.evaluate("() => window.pwned") is None


@pytest.mark.parametrize("evil", CORPUS)
def test_a_static_view_shows_a_foreign_text_as_text(blank, evil):
    for name, view in views(evil).items():
        seen = blank.evaluate(SHOWN, view.html)
        assert set(seen["tags"]) <= HARMLESS_TAGS, name
        assert seen["acts"] == [] and seen["styles"] == 0, name
        assert blank.evaluate("() => window.pwned") is None


def test_the_check_would_see_a_text_that_acts(blank):
    seen = blank.evaluate(SHOWN, CORPUS[2])
    assert "img" in seen["tags"] and seen["acts"] == ["onerror"]
    assert blank.evaluate("() => window.pwned") == 1
    blank.evaluate("() => { delete window.pwned; }")

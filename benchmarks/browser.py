"""What a person waits for in JupyterLab: the first badge, and the summary of a long session.

Run `python -m benchmarks browser`. It needs Chromium; times are the page's own, from the
moment the cell is told to run until the frame after which the view is on the screen.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "browser"), str(ROOT / "tests" / "hardware"), str(ROOT / "js")]

BADGES = 12
RUNS = 10_000
CELL = "%%footprint\nimport time\ntime.sleep(1.2)"


def main() -> None:
    """Print the table."""
    import hosts
    from playwright.sync_api import sync_playwright

    if absent := hosts.missing():
        print(f"Not run: {absent}.")
        return
    with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
        browser, server = hosts.chromium(play), hosts.jupyter(Path(folder))
        try:
            rows = [*_badges(hosts, browser, server), *_summary(hosts, browser, server)]
        finally:
            server.close()
            browser.close()
    print("| in JupyterLab | reached | goal |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def _badges(hosts, browser, server):
    page = browser.new_page()
    cells = ["%load_ext ipyfootprint", *[CELL] * (BADGES + 1)]
    book = hosts.Book(page, server, "lab", server.write("badges.ipynb", *cells))
    book.run(0)
    waited = []
    for index in range(1, BADGES + 2):
        page.evaluate(_WATCH, ".ipf-cell")
        book.start(index)
        waited.append(page.evaluate("() => window.seenAt"))
        book.wait(index)
    page.close()
    later = sorted(waited[1:])
    return [
        ("first badge pixel, first of a session", f"{waited[0]:.0f} ms", ""),
        (
            f"first badge pixel, {BADGES} more: median",
            f"{statistics.median(later):.0f} ms",
            "300 ms",
        ),
        ("and the slowest of them", f"{later[-1]:.0f} ms", ""),
    ]


def _summary(hosts, browser, server):
    from test_jupyter import STORY

    page = browser.new_page()
    heard = []
    page.on(
        "websocket", lambda socket: socket.on("framereceived", lambda data: heard.append(len(data)))
    )
    story = STORY.format(small=RUNS - 29)
    cells = ("%load_ext ipyfootprint", story, "%footprint")
    book = hosts.Book(page, server, "lab", server.write("long.ipynb", *cells))
    book.run(0)
    book.run(1, 300)
    page.wait_for_timeout(3000)
    heard.clear()
    page.evaluate(_WATCH, ".ipf-session")
    book.start(2)
    opened = page.evaluate("() => window.seenAt")
    book.wait(2, 60)
    wire = sum(heard)
    page.locator(".ipf-all summary").click()
    page.locator(".ipf-list .ipf-row").nth(2).wait_for()
    frames = page.evaluate(_SCROLL)
    page.close()
    return [
        (
            f"summary of {RUNS:_} runs on the screen".replace("_", " "),
            f"{opened:.0f} ms",
            "1000 ms",
        ),
        ("on the wire, widgets' code included", f"{wire / 1000:.0f} kB", "300 kB"),
        ("frames while its list scrolls: median", f"{frames['median']:.1f} ms", "17 ms"),
        ("and the slowest of 120", f"{frames['slowest']:.1f} ms", ""),
    ]


# The frame after the one in which the node is there is the first that shows it.
_WATCH = """selector => {
  const known = document.querySelectorAll(selector).length;
  window.seenAt = new Promise(done => {
    const look = () => {
      if (document.querySelectorAll(selector).length > known)
        requestAnimationFrame(() => done(performance.now() - window.startedAt));
      else requestAnimationFrame(look);
    };
    look();
  });
}"""
_SCROLL = """() => new Promise(done => {
  const list = document.querySelector('.ipf-list');
  const times = [];
  let before = performance.now();
  const step = now => {
    times.push(now - before);
    before = now;
    list.scrollTop += 1777;
    if (times.length <= 120) requestAnimationFrame(step);
    else {
      const sorted = times.slice(1).sort((a, b) => a - b);
      done({median: sorted[60], slowest: sorted[sorted.length - 1]});
    }
  };
  requestAnimationFrame(step);
})"""


if __name__ == "__main__":
    main()

"""Servers and pages of the browser tests: each server has a home of its own, on loopback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from textwrap import indent

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

AXE = Path(__file__).parents[2] / "js/node_modules/axe-core/axe.min.js"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
# Power of two devices that the kernels under test play instead of this machine's counters.
RECORDING = {"dt_s": 0.5, "watts": {"gpu0": [310.0, 290, 240, 305, 180, 320], "cpu0": [62.0, 85]}}
BUSY = (
    "import time\nend = time.time() + {seconds}\nwhile time.time() < end:\n    sum(range(20_000))"
)


def missing() -> str:
    """What keeps a browser from being started, or ""."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        return "playwright is not installed"
    return "" if Path(CHROMIUM).exists() or shutil.which("chromium") else "there is no Chromium"


def chromium(play):
    """The installed Chromium; none is ever fetched."""
    path = CHROMIUM if Path(CHROMIUM).exists() else shutil.which("chromium")
    return play.chromium.launch(executable_path=path, args=FLAGS)


class Server:
    """A server process with its own home; `folder` is what it serves.

    Args:
        folder: a new folder.
        words: arguments of python; "{port}" stands for a free port.
        ready: a path that answers once the server is up.
    """

    def __init__(self, folder: Path, words: list[str], ready: str, **env: str) -> None:
        self.folder = folder
        self.port = _free_port()
        home = folder / "home"
        home.mkdir(exist_ok=True)
        recording = home / "recording.json"
        recording.write_text(json.dumps(RECORDING))
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYFOOTPRINT_"))
        }
        self.env = kept | {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_DATA_HOME": str(home / ".local/share"),
            "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "run"),
            "IPYTHONDIR": str(home / "ipython"),
            "IPYFOOTPRINT_LEDGER": str(home / "ledger.db"),
            "IPYFOOTPRINT_REPLAY": str(recording),
            "IPYFOOTPRINT_ZONE": "DEU",
            **env,
        }
        command = [sys.executable, *(word.replace("{port}", str(self.port)) for word in words)]
        self.log = home / "log.txt"
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                command, cwd=folder, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        self._wait(ready)

    def url(self, path: str = "") -> str:
        """An address on this server."""
        return f"http://127.0.0.1:{self.port}{path}"

    def write(self, name: str, *cells: str, **metadata: object) -> str:
        """Write a notebook of code cells; returns its name."""
        book = new_notebook(cells=[new_code_cell(source) for source in cells], metadata=metadata)
        book.metadata.setdefault("kernelspec", {"name": "python3", "display_name": "Python 3"})
        nbformat.write(book, self.folder / name)
        return name

    def read(self, name: str):
        """The notebook as it lies on the disk."""
        return nbformat.read(self.folder / name, as_version=4)

    def close(self) -> None:
        """End the server and every kernel it started."""
        for sign, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            try:
                os.killpg(self._process.pid, sign)
                self._process.wait(patience)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue

    def _wait(self, ready: str, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(self.url(ready), timeout=5):
                    return
            except OSError:
                time.sleep(0.2)
        self.close()
        raise RuntimeError(f"the server did not start: {self.log.read_text()[-2000:]}")


def jupyter(folder: Path, *, widgets: bool = True) -> Server:
    """JupyterLab, Notebook 7 and Voila in one server, with or without the widget manager."""
    if not widgets:
        config = folder / "home/jupyter/labconfig"
        config.mkdir(parents=True)
        off = {"disabledExtensions": {"@jupyter-widgets/jupyterlab-manager": True}}
        (config / "page_config.json").write_text(json.dumps(off))
    words = ["-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    words += ["--port={port}", "--port-retries=0", "--IdentityProvider.token="]
    words += ["--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={folder}"]
    words += [
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
    ]
    words += ["--VoilaConfiguration.show_tracebacks=True"]
    return Server(folder, words, "/api/status")


def voila(folder: Path) -> Server:
    """Voila over a folder of notebooks, showing what a cell shows while it runs."""
    words = ["-m", "voila", ".", "--no-browser", "--Voila.ip=127.0.0.1", "--port={port}"]
    words += ["--progressive_rendering=True", "--VoilaConfiguration.allow_theme_override=YES"]
    return Server(folder, words, "/")


def marimo(folder: Path) -> Server:
    """marimo's editor, over a folder of notebooks."""
    words = ["-m", "marimo", "-q", "edit", ".", "--headless", "--no-token", "--skip-update-check"]
    return Server(folder, [*words, "--host=127.0.0.1", "--port={port}"], "/health")


class Reactive:
    """A marimo notebook open in its editor.

    Args:
        page: a page of the browser.
        server: a marimo server.
        name: of the notebook's file.
        cells: their sources; the first imports what the others use.
        theme: "light" or "dark".
    """

    def __init__(self, page, server: Server, name: str, *cells: str, theme: str = "light") -> None:
        self.page, self.server, self.name = page, server, name
        head = f'# /// script\n# [tool.marimo.display]\n# theme = "{theme}"\n# ///\n'
        body = "".join(f"\n@app.cell\ndef _():\n{indent(cell, '    ')}\n" for cell in cells)
        text = f"{head}import marimo\n\napp = marimo.App()\n{body}"
        (server.folder / name).write_text(text)
        self.open()

    def open(self) -> None:
        """Load the page (again) until it shows every cell."""
        self.page.goto(self.server.url(f"/?file={self.name}"))
        self.page.get_by_test_id("cell-editor").last.wait_for(timeout=90_000)

    def run_all(self) -> None:
        """Run every cell that has not run, without waiting."""
        self.page.get_by_test_id("run-button").last.click()

    def run(self, index: int) -> None:
        """Run a cell (again), without waiting."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def cell(self, index: int):
        """A cell with its output."""
        return self.page.locator("[data-cell-id]").nth(index)

    def restart(self) -> None:
        """Restart the kernel: marimo then opens the page anew."""
        self.page.get_by_test_id("notebook-menu-dropdown").click()
        self.page.get_by_text("Restart kernel").click()
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Confirm Restart").click()
        self.page.get_by_test_id("cell-editor").last.wait_for()

    def save(self) -> str:
        """Save; the file as it then lies on the disk."""
        self.page.get_by_test_id("save-button").click()
        return (self.server.folder / self.name).read_text()


class Book:
    """A notebook open in JupyterLab or Notebook 7, driven through the application itself.

    Args:
        page: a page of the browser.
        server: where the notebook lies.
        host: "lab" or "notebook".
        name: of the notebook.
    """

    def __init__(self, page, server: Server, host: str, name: str) -> None:
        self.page, self.server, self.host, self.name = page, server, host, name
        self.open()

    def open(self) -> None:
        """Load the page (again) and wait for its kernel."""
        path = f"/lab/tree/{self.name}?reset" if self.host == "lab" else f"/notebooks/{self.name}"
        self.page.goto(self.server.url(path))
        until(self.page, _READY, seconds=90)

    def start(self, index: int) -> None:
        """Run a cell without waiting for it."""
        self.page.evaluate(_START, index)

    def run(self, index: int, seconds: float = 30) -> None:
        """Run a cell to its end."""
        self.start(index)
        self.wait(index, seconds)

    def wait(self, index: int, seconds: float = 30) -> None:
        """Wait until a cell has run."""
        until(self.page, _DONE, index, seconds=seconds)

    def command(self, name: str) -> None:
        """Run a command of the application and wait for it."""
        self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)

    def restart(self) -> None:
        """Restart the kernel."""
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()"
        )
        until(self.page, _READY, seconds=60)

    def save(self):
        """Save; the notebook as it then lies on the disk."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")
        return self.server.read(self.name)

    def theme(self, name: str) -> None:
        """Change to a theme of the application."""
        self.page.evaluate(
            "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})",
            name,
        )
        until(self.page, "name => document.body.dataset.jpThemeName === name", name)

    def output(self, index: int):
        """The output area of a cell."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(index).locator(".jp-OutputArea")


def until(page, condition: str, argument: object = None, *, seconds: float = 30) -> None:
    """Wait until a function of the page, which may be asynchronous, is true."""
    deadline, told = time.monotonic() + seconds, ""
    while time.monotonic() < deadline:
        try:
            if page.evaluate(condition, argument):
                return
        except Exception as error:  # the page may be between two documents
            told = str(error)
        time.sleep(0.05)
    raise TimeoutError(f"not within {seconds:g} s: {condition[:200]} {told[:500]}")


def barriers(page, selector: str) -> list[str]:
    """Serious and critical findings of axe-core in a part of the page: rule and element."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(_BARRIERS, selector)


def sampled(page, selector: str, seconds: float) -> list[str]:
    """The distinct texts that the last element of a selector showed over some seconds, in order."""
    return page.evaluate(_SAMPLED, [selector, seconds * 1000])


def kept(page) -> dict[str, float]:
    """What a page still holds after its garbage is collected: MB of heap, nodes, listeners."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("HeapProfiler.collectGarbage")
    counted = devtools.send("Memory.getDOMCounters")
    heap_mb = devtools.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    devtools.detach()
    return {
        "heap_mb": heap_mb,
        "nodes": counted["nodes"],
        "listeners": counted["jsEventListeners"],
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_READY = """async () => {
  const app = window.jupyterapp;
  const panel = app && app.shell.currentWidget;
  if (!panel || !panel.context || !panel.sessionContext) return false;
  await panel.context.ready;
  await panel.sessionContext.ready;
  const kernel = panel.sessionContext.session && panel.sessionContext.session.kernel;
  return Boolean(kernel) && kernel.status === 'idle' && panel.content.widgets.length > 0;
}"""
_START = """index => {
  const panel = window.jupyterapp.shell.currentWidget;
  const cell = panel.content.widgets[index];
  panel.content.activeCellIndex = index;
  cell.model.sharedModel.execution_count = null;
  window.startedAt = performance.now();
  void window.jupyterapp.commands.execute('notebook:run-cell');
}"""
_DONE = """index => {
  const panel = window.jupyterapp.shell.currentWidget;
  const kernel = panel.sessionContext.session.kernel;
  const done = panel.content.widgets[index].model.executionCount !== null;
  return done && kernel.status === 'idle';
}"""
_BARRIERS = """async selector => {
  const found = await axe.run({include: [selector]}, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  });
  return found.violations
    .filter(rule => ['serious', 'critical'].includes(rule.impact))
    .flatMap(rule => rule.nodes.map(
      node => `${rule.id}: ${node.html.slice(0, 120)} ${node.failureSummary}`));
}"""
_SAMPLED = """([selector, ms]) => new Promise(done => {
  // marimo keeps each widget in a shadow root of its own
  const all = root => [
    ...root.querySelectorAll(selector),
    ...[...root.querySelectorAll('marimo-anywidget')].flatMap(n => all(n.shadowRoot ?? n)),
  ];
  const seen = [];
  const start = performance.now();
  const look = () => {
    const text = all(document).pop()?.textContent ?? '';
    if (text !== '' && text !== seen[seen.length - 1]) seen.push(text);
    if (performance.now() - start < ms) setTimeout(look, 30); else done(seen);
  };
  look();
})"""

"""Documentation: built strictly, complete, and every block of code in it works."""

import argparse
import html
import importlib
import inspect
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import ipyfootprint
from ipyfootprint import cli, testing
from ipyfootprint.config.values import PARSERS
from ipyfootprint.jupyter.magics import SUBCOMMANDS
from ipyfootprint.jupyter.marker import read_options

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LANGUAGES = {"text", "console", "bash", "python", "ipython", "yaml", "toml", "sql", "json"}
IPYTHON = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "ipyfootprint")
for cell in sys.stdin.read().split("\\0"):
    if cell.strip() != "%load_ext ipyfootprint":
        shell.run_cell(cell, store_history=True).raise_error()
shell.run_line_magic("unload_ext", "ipyfootprint")
"""


def blocks(page, language):
    text = page.read_text(encoding="utf-8")
    found = [(lead, body) for lead, name, body in FENCE.findall(text) if name == language]
    return [re.sub(rf"^{lead}", "", body, flags=re.MULTILINE) for lead, body in found]


def pages_with(language):
    return [page for page in PAGES if blocks(page, language)]


def named(page):
    return str(page.relative_to(ROOT))


def run(code, text, folder):
    env = os.environ | {"IPYFOOTPRINT_LEDGER": str(folder / "a.db"), "IPYTHONDIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code], input=text, capture_output=True, text=True, timeout=120,
        cwd=folder, env=env, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_block_says_its_language(page):
    names = [name for _, name, _ in FENCE.findall(page.read_text(encoding="utf-8"))]
    assert set(names) <= LANGUAGES


@pytest.mark.parametrize("page", pages_with("python"), ids=named)
def test_python_blocks_run_one_after_another(page, tmp_path):
    run("import sys; exec(compile(sys.stdin.read(), 'page', 'exec'))",
        "\n\n".join(blocks(page, "python")), tmp_path)  # fmt: skip


@pytest.mark.parametrize("page", pages_with("ipython"), ids=named)
def test_notebook_cells_run_one_after_another(page, tmp_path):
    run(IPYTHON, "\0".join(blocks(page, "ipython")), tmp_path)


@pytest.mark.parametrize("page", pages_with("console"), ids=named)
def test_commands_are_ones_that_the_program_takes(page):
    lines = [line for block in blocks(page, "console") for line in block.splitlines() if line]
    for line in lines:
        program, *words = shlex.split(line, comments=True)
        assert program in ("ipyfootprint", "pip", "make", "python"), line
        if program == "ipyfootprint":
            assert callable(cli.parse(words).run), line


@pytest.mark.parametrize("page", pages_with("bash"), ids=named)
def test_shell_blocks_are_shell(page):
    for block in blocks(page, "bash"):
        assert subprocess.run(["sh", "-n"], input=block, text=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(folder)],
        capture_output=True, text=True, cwd=ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def text_of(path):
    return re.sub(r"<[^>]+>", "", path.read_text(encoding="utf-8"))


def typed_of(parser):
    """Options and actions of a command, those of its actions too."""
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                yield name
                yield from typed_of(sub)


def test_everything_that_can_be_typed_is_in_the_reference(site):
    reference = {path.parent.name: text_of(path) for path in site.glob("reference/*/index.html")}
    for _, typed, text in SUBCOMMANDS.values():
        assert text.split(",")[0].split(";")[0] in reference["magics"], typed
    options = [o for action in read_options.parser._actions for o in action.option_strings]
    assert all(option in reference["magics"] for option in options)
    for name, (module, _) in cli.COMMANDS.items():
        assert f"ipyfootprint {name}" in reference["commands"]
        parser = argparse.ArgumentParser()
        importlib.import_module(f"ipyfootprint.commands.{module}").add_arguments(parser)
        for typed in typed_of(parser):
            assert typed in reference["commands"], (name, typed)
    for name in PARSERS:
        assert f"IPYFOOTPRINT_{name.upper()}" in reference["settings"]
    for name in ipyfootprint.__all__:
        assert f"ipyfootprint.{name}" in reference["python"]
        said = inspect.getdoc(getattr(ipyfootprint, name)).splitlines()[0].split("`")[0]
        assert " ".join(said.split()) in " ".join(html.unescape(reference["python"]).split()), name
    for name in testing.__all__:
        assert f"ipyfootprint.testing.{name}" in reference["python"]


def test_every_variable_of_the_environment_is_documented(site):
    sources = "".join(p.read_text() for p in (ROOT / "ipyfootprint").rglob("*.py"))
    wanted = set(re.findall(r"[\"'](IPYFOOTPRINT_[A-Z_]*[A-Z])[\"']", sources))
    pages = "".join(text_of(path) for path in site.rglob("index.html"))
    assert {name for name in wanted if name not in pages} == set()


def test_the_site_fetches_nothing_from_elsewhere(site):
    fetched = re.compile(r"<(?:script|img|iframe)[^>]+src=\"?https?:|rel=\"?stylesheet[^>]+https?:")
    assert [page for page in site.rglob("*.html") if fetched.search(page.read_text())] == []


def test_what_contributing_points_to_is_there():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:ipyfootprint|tests|benchmarks|js)/[\w/.]*)`", text))
    named = {name for name in named if not name.endswith("/NAME.py")}  # yours to write
    assert len(named) > 15
    assert {name for name in named if not (ROOT / name).exists()} == set()
    targets = set(re.findall(r"`make (\w+)`|^ +make (\w+) ", text, re.MULTILINE))
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {t for pair in targets for t in pair if t and f"\n{t}:" not in made} == set()

"""The committed browser modules are what their sources build, small, and free of addresses."""

import json
import re
import subprocess
from pathlib import Path

import node
import pytest

from ipyfootprint.widgets.live import STATIC

ROOT = Path(__file__).parents[2]
LIMIT_BYTES = 25_000


def test_sources_build_the_committed_bytes_and_pass_their_own_tests(capfd):
    try:
        node.npm()
        node.install()
    except node.NoNode as missing:
        pytest.skip(str(missing))
    try:
        node.main("check")
    except subprocess.CalledProcessError:
        pytest.fail(capfd.readouterr().out[-3000:])


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_a_module_is_small_and_names_no_address(path):
    source = path.read_bytes()
    assert len(source) <= LIMIT_BYTES
    addresses = set(re.findall(rb"https?://[^\s\"'`]+", source))
    assert addresses <= {b"http://www.w3.org/2000/svg"}


def test_every_source_has_its_module():
    entries = {path.stem for path in (ROOT / "js" / "src").glob("*.ts")}
    assert {path.stem for path in STATIC.glob("*.js")} == entries


def test_the_lock_file_names_no_registry():
    locked = json.loads((ROOT / "js" / "package-lock.json").read_text())["packages"]
    assert len(locked) > 10
    assert [name for name, package in locked.items() if "resolved" in package] == []

"""What is built and shipped, and whether it works where nothing else is installed."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
LARGEST_WHEEL = 1_500_000  # bytes
MOST_PACKAGES = 9  # that an environment with JupyterLab gets beside ipyfootprint itself
KINDS = {".py", ".csv", ".txt", ".json", ".js", ".typed"}
TRY = """
import sys
import ipyfootprint
with ipyfootprint.track("first") as run:
    sum(i * i for i in range(300_000))
assert run.run.status == "ok" and run.run.duration_s > 0, run.run
assert [r.label for r in ipyfootprint.runs()] == ["first"]
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "ipyfootprint")
assert shell.run_cell("%%footprint\\n6 * 7").result == 42
shell.run_line_magic("unload_ext", "ipyfootprint")
"""


def command(*words, **options):
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, timeout=280, **options
    )
    assert done.returncode == options.get("expected", 0), done.stdout + done.stderr
    return done.stdout


def build(kind, source, out):
    command(sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", out, source)
    return next(path for path in out.iterdir() if path.suffix in (".whl", ".gz"))


def pythons():
    """This Python and every newer or older one at hand that the package supports."""
    found = {sys.version_info[:2]: Path(sys.executable)}
    for minor in range(11, 16):
        name = f"python3.{minor}"
        places = [shutil.which(name), *Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python")]
        for place in filter(None, places):
            asked = subprocess.run(
                [place, "-c", "import ensurepip, sys; print(sys.version_info[1])"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if asked.returncode == 0 and asked.stdout.strip() == str(minor):
                found.setdefault((3, minor), Path(place))
    return [found[version] for version in sorted(found)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def test_the_wheel_is_small_and_holds_the_package_alone(wheel):
    assert wheel.stat().st_size <= LARGEST_WHEEL
    with zipfile.ZipFile(wheel) as held:
        names = held.namelist()
    info = f"{wheel.name.removesuffix('-py3-none-any.whl')}.dist-info/"
    inside = [name for name in names if not name.startswith(info)]
    assert {name.split("/")[0] for name in inside} == {"ipyfootprint"}
    assert {Path(name).suffix for name in inside} <= KINDS
    shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / "ipyfootprint").rglob("*.*")
               if path.is_file() and "__pycache__" not in path.parts}  # fmt: skip
    assert set(inside) == shipped
    for wanted in ("licenses/LICENSE", "licenses/NOTICE", "entry_points.txt"):
        assert info + wanted in names


def test_building_again_gives_the_same_bytes_also_from_the_sdist(wheel, tmp_path):
    again = build("wheel", ROOT, tmp_path / "again")
    assert again.read_bytes() == wheel.read_bytes()
    source = build("sdist", ROOT, tmp_path / "source")
    with tarfile.open(source) as packed:
        packed.extractall(tmp_path / "unpacked", filter="data")
    (folder,) = (tmp_path / "unpacked").iterdir()
    assert build("wheel", folder, tmp_path / "third").read_bytes() == wheel.read_bytes()


def needed(name, known=frozenset()):
    """All packages that installing one brings, by what the installed ones declare."""
    known = known | {canonicalize_name(name)}
    for line in metadata.requires(name) or ():
        wanted = Requirement(line)
        here = wanted.marker is None or wanted.marker.evaluate({"extra": ""})
        if here and canonicalize_name(wanted.name) not in known:
            known = needed(wanted.name, known)
    return known


def test_it_brings_few_packages_to_an_environment_with_jupyterlab():
    added = needed("ipyfootprint") - needed("jupyterlab") - {"ipyfootprint"}
    assert "anywidget" in added
    assert len(added) <= MOST_PACKAGES, sorted(added)


@pytest.mark.parametrize(
    "python", pythons(), ids=lambda path: path.name + str(path.parent.parent.name)
)
def test_it_installs_into_an_empty_environment_and_meters(python, wheel, tmp_path):
    command(python, "-m", "venv", tmp_path / "env")
    own = tmp_path / "env" / "bin" / "python"
    command(own, "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel)
    command(own, "-m", "pip", "check")
    env = {**os.environ, "IPYFOOTPRINT_LEDGER": ":memory:", "IPYTHONDIR": str(tmp_path / "ipy")}
    command(own, "-W", "error::Warning:ipyfootprint", "-c", TRY, cwd=tmp_path, env=env)
    assert "ipyfootprint 0." in command(own, "-m", "ipyfootprint", "--version", cwd=tmp_path)
    report = json.loads(command(own, "-m", "ipyfootprint", "doctor", "--json", cwd=tmp_path))
    assert report["versions"]["ipykernel"] == "absent"  # no extra is installed here
    refused = subprocess.run(
        [own, "-m", "ipyfootprint", "run", "a.ipynb"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert refused.returncode == 2 and "ipyfootprint[run]" in refused.stderr


def test_a_typed_program_that_uses_it_passes_mypy_strict(tmp_path):
    consumer = Path(__file__).with_name("consumer.py")
    command(sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path, consumer, cwd=ROOT)

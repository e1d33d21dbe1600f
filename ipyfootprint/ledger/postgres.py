"""The ledger on a team's PostgreSQL: a person's own rows, by the same protocol as the local one.

A kernel keeps its runs locally and publishes them; this is for who reads a person's rows back,
or writes where there is no local file. A run that is under way is a row of `run_open`; closing
moves it to `run`, where nothing is ever edited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ipyfootprint.errors import LedgerError
from ipyfootprint.ledger import rows
from ipyfootprint.ledger.pg_schema import COLUMNS
from ipyfootprint.ledger.records import Records
from ipyfootprint.ledger.team_server import TeamServer, insert
from ipyfootprint.model import Finding, Gap, PowerTrace, Run, Session

if TYPE_CHECKING:
    from sqlalchemy import Connection

_RUN = ", ".join(rows.RUN_COLUMNS)
_LATE = (
    "(SELECT coalesce(sum({what}), 0)::bigint FROM run_adjust a WHERE a.user_id = r.user_id"
    " AND a.run_id = r.run_id)"
)
_EVERY_RUN = (
    f"SELECT {_RUN}, {_LATE.format(what='d_energy_uj')} AS d_energy_uj,"
    f" {_LATE.format(what='d_operational_ug')} AS d_operational_ug FROM run r"
    f" WHERE user_id = me() UNION ALL SELECT {_RUN}, 0, 0 FROM run_open WHERE user_id = me()"
)
_SAME = (
    "FROM run o WHERE o.user_id = me() AND o.lineage IS NOT DISTINCT FROM %(lineage)s::text"
    " AND o.config_hash IS NOT DISTINCT FROM %(config_hash)s::text"
)
_WEEK = "(({} / 86400000000 + 3) / 7)"
# what the local ledger marks a run with: see rollups.MARK_RUN
_MARKS = (
    f"SELECT NOT EXISTS (SELECT 1 {_SAME} AND {_WEEK.format('o.started_us')}"
    f" = {_WEEK.format('%(started_us)s::bigint')}),"
    f" %(status)s::text = 'ok' AND %(config_hash)s::text IS NOT NULL AND EXISTS (SELECT 1 {_SAME}"
    " AND o.code_hash = %(code_hash)s::text AND o.status = 'ok')"
)


class PostgresLedger(Records):
    """One person's rows on a team's server.

    Runs given to it carry `user_id`, the pseudonym that the server gave this login; the server
    refuses every other.

    Args:
        address: of the database, without a password.

    Raises:
        ConfigError: the address cannot be used, or the extra is not installed.
        TeamError: the server cannot be reached or used as asked.
        LedgerNewer: the server's schema is newer than this version.
    """

    is_durable = True
    _every_run = f"SELECT * FROM ({_EVERY_RUN}) r"

    def __init__(self, address: str) -> None:
        self._server = TeamServer(address)
        self.user_id, _ = self._server.who()

    def open_session(self, session: Session) -> None:
        """Keep a session's row; the same session again replaces nothing."""
        self._insert("session", [rows.session_row(session)])

    def begin(self, run: Run) -> None:
        """Journal a run before it executes; the same run again changes nothing."""
        with self._server.transaction() as db:
            known = "SELECT 1 FROM run WHERE user_id = me() AND run_id = %s"
            if db.exec_driver_sql(known, (run.run_id,)).first() is None:
                insert(db, "run_open", _columns("run_open", [_row_of(run)]))

    def close_run(self, run: Run, trace: PowerTrace | None = None, gap: Gap | None = None) -> None:
        """Close a run with its trace, rollups and the gap row; a closed run stays as it is."""
        row = _row_of(run)
        with self._server.transaction() as db:
            fresh, rerun = db.exec_driver_sql(_MARKS, row).one()
            row |= {"fresh": int(fresh), "rerun": int(bool(rerun))}
            if insert(db, "run", _columns("run", [row])) and trace is not None:
                named = ("device", "dt_ms", "mw")
                blobs = [dict(zip(named, blob, strict=True)) for blob in rows.trace_blobs(trace)]
                own = {"user_id": run.user_id, "run_id": run.run_id}
                insert(db, "power_trace", _columns("power_trace", [own | b for b in blobs]))
            _end(db, [run.run_id])
            if gap is not None:
                insert(db, "gap", _columns("gap", [rows.gap_row(gap) | {"user_id": self.user_id}]))

    def save_gap(self, gap: Gap) -> None:
        """Keep the session's one gap row, which only grows."""
        self._insert("gap", [rows.gap_row(gap) | {"user_id": self.user_id}])

    def adjust(
        self, run_id: str, *, energy_j: float = 0.0, operational_g: float = 0.0, reason: str
    ) -> None:
        """Add late energy or restated carbon to a closed run, as a row of its own."""
        mine = "WHERE user_id = me() AND run_id = %s"
        with self._server.transaction() as db:
            if db.exec_driver_sql(f"SELECT 1 FROM run {mine}", (run_id,)).first() is None:
                raise LedgerError(f"No closed run {run_id!r} is recorded", "nothing was adjusted")
            last = f"SELECT coalesce(max(adjust_id), 0) + 1 FROM run_adjust {mine}"
            row = {
                "user_id": self.user_id,
                "run_id": run_id,
                "adjust_id": db.exec_driver_sql(last, (run_id,)).scalar_one(),
                "d_energy_uj": rows.micro(energy_j),
                "d_operational_ug": rows.micro(operational_g),
                "reason": reason,
            }
            insert(db, "run_adjust", _columns("run_adjust", [row]))

    def add_finding(self, finding: Finding) -> None:
        """Keep a finding; the same finding_id again stores the new answer."""
        self._insert("finding", [rows.finding_row(finding) | {"user_id": self.user_id}])

    def close_orphans(self, alive: Sequence[str]) -> int:
        """Close runs whose kernel is gone as `lost`; returns how many."""
        gone = "WHERE user_id = me() AND session_id <> ALL(%s::text[])"
        with self._server.transaction() as db:
            found = db.exec_driver_sql(f"SELECT {_RUN} FROM run_open {gone}", (list(alive),))
            lost = [{**row, "status": "lost"} for row in found.mappings()]
            insert(db, "run", _columns("run", lost))
            _end(db, [row["run_id"] for row in lost])
        return len(lost)

    def forget(self) -> int:
        """Refused: only the owner of a team's server deletes.

        Raises:
            LedgerError: always.
        """
        raise LedgerError(
            "Only the owner of a team's server deletes what was sent",
            "nothing was deleted",
            f"Ask for: ipyfootprint team forget {self.user_id}.",
        )

    def close(self) -> None:
        """Release the connection; harmless when called twice."""
        self._server.close()

    def _insert(self, table: str, given: Iterable[Mapping[str, Any]]) -> None:
        with self._server.transaction() as db:
            insert(db, table, _columns(table, given))

    def _read(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._server.transaction() as db:
            found = db.exec_driver_sql(sql.replace("?", "%s"), tuple(values) or None)
            return [dict(row) for row in found.mappings()]

    @staticmethod
    def _values(row: Any) -> Sequence[Any]:
        return tuple(row.values())


def _row_of(run: Run) -> dict[str, Any]:
    return dict(zip(rows.RUN_COLUMNS, rows.run_row(run), strict=True))


def _columns(table: str, given: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    found = list(given)
    return {name: [row.get(name) for row in found] for name in COLUMNS[table]}


def _end(db: Connection, run_ids: list[str]) -> None:
    db.exec_driver_sql(
        "DELETE FROM run_open WHERE user_id = me() AND run_id = ANY(%s::text[])", (run_ids,)
    )

"""What arrives on a server is what was sent, whatever the texts and numbers are."""

import pytest
from made_up_runs import a_closed_run

from ipyfootprint.ledger import rows
from ipyfootprint.ledger.pg_schema import COLUMNS
from ipyfootprint.ledger.postgres import PostgresLedger
from ipyfootprint.ledger.team_server import TeamServer

pytestmark = pytest.mark.services

TEXTS = (
    *(
        "",
        "NULL",
        "null",
        "{}",
        "{a,b}",
        '"',
        '\\"',
        "\\",
        "\\\\N",
        "a,b",
        "a\nb\tc",
        "%s",
        "%(x)s",
    ),
    *("'; DROP TABLE run; --", "é 日本 🙂", "\u202e", " ", None),
)
FLOATS = (0.1, 1e-300, 1.7976931348623157e308, -0.0, 12345.678901234567, None)


def sent_and_read(postgres, team, made, columns):
    """Runs in one batch, and what the server has of them, in their order."""
    server = TeamServer(postgres.address("alice", team))
    user_id, _ = server.who()
    known = [dict(zip(rows.RUN_COLUMNS, rows.run_row(run), strict=True)) for run in made]
    known = [row | {"user_id": user_id, "fresh": 1, "rerun": 0} for row in known]
    server.send({"run": {name: [row[name] for row in known] for name in COLUMNS["run"]}})
    server.close()
    return postgres.sql(f"SELECT {columns} FROM run ORDER BY number", None, "alice", team)


def test_texts_arrive_as_they_were(postgres, team):
    made = [a_closed_run(n, label=text, cell_id=text) for n, text in enumerate(TEXTS)]
    found = sent_and_read(postgres, team, made, "label, cell_id")
    assert found == [(text, text) for text in TEXTS]


def test_numbers_arrive_exactly(postgres, team):
    whole = (0, 1, 2**53 + 1, 10**17, None, 7)
    made = [
        a_closed_run(n, metric=number, flops=number, planned=count)
        for n, (number, count) in enumerate(zip(FLOATS, whole, strict=True))
    ]
    found = sent_and_read(postgres, team, made, "metric, flops, planned")
    assert found == list(zip(FLOATS, FLOATS, whole, strict=True))


@pytest.mark.parametrize("count", [1, 2, 50])
def test_rows_that_have_all_but_their_id_in_common_are_all_kept(postgres, team, count):
    made = [a_closed_run(1, run_id=f"r{n}", label="x") for n in range(count)]
    assert len(sent_and_read(postgres, team, made, "run_id")) == count
    ledger = PostgresLedger(postgres.address("alice", team))
    assert {run.label for run in ledger.runs()} == {"x"}
    ledger.close()

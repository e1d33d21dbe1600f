"""Ledgers that cannot be used, and what else is typed wrong: the cell runs, one line says so."""

import sqlite3
from pathlib import Path

import pytest

from ipyfootprint.ledger.opening import open_ledger

pytestmark = pytest.mark.kernel


def newer(folder):
    path = folder / "newer.db"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    return str(path)


def unreachable(folder):
    (folder / "file").touch()
    return str(folder / "file" / "ledger.db")


def a_folder(folder):
    (folder / "ledger.db").mkdir()
    return str(folder / "ledger.db")


@pytest.mark.parametrize("make", [newer, unreachable, a_folder])
def test_a_ledger_that_cannot_be_opened_costs_one_line_and_no_cell(new_kernel, tmp_path, make):
    kernel = new_kernel(IPYFOOTPRINT_LEDGER=make(tmp_path))
    kernel.run("%load_ext ipyfootprint")
    replies = [kernel.run(f"%%footprint\n{n} * 7") for n in (1, 2, 3)]
    assert [reply.result for reply in replies] == ["7", "14", "21"]
    assert [len(reply.shown) for reply in replies] == [2, 1, 1]
    said = str(replies[0].shown)
    assert "memory" in said and "IPYFOOTPRINT_LEDGER" in said + "pip install -U"
    assert kernel.value("[r.status for r in __import__('ipyfootprint').runs()]") == ["ok"] * 3


def test_a_newer_ledger_is_left_as_it_is(new_kernel, tmp_path):
    path = newer(tmp_path)
    before = Path(path).read_bytes()
    kernel = new_kernel(IPYFOOTPRINT_LEDGER=path)
    kernel.run("%load_ext ipyfootprint")
    kernel.run("%%footprint\n1")
    assert Path(path).read_bytes() == before


def test_a_ledger_in_memory_is_no_fault(new_kernel):
    kernel = new_kernel(IPYFOOTPRINT_LEDGER=":memory:")
    kernel.run("%load_ext ipyfootprint")
    assert len(kernel.run("%%footprint\n1").shown) == 1
    assert kernel.value("len(__import__('ipyfootprint').runs())") == 1


def test_a_disk_that_fills_up_loses_no_run_of_the_session_and_is_said_once(new_kernel, tmp_path):
    kernel = new_kernel()
    kernel.run("%load_ext ipyfootprint")
    kernel.run("%%footprint\n1")
    kernel.run(
        "import resource, time\ntime.sleep(1.5)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))"
    )
    replies = [kernel.run(f"%%footprint\nimport time; time.sleep(1.2)\n{n}") for n in (2, 3, 4)]
    kernel.run("time.sleep(1.5)")
    replies.append(kernel.run("%%footprint\n5"))
    assert [reply.result for reply in replies] == ["2", "3", "4", "5"]
    assert sum("cannot be used" in str(reply.shown) for reply in replies) == 1
    assert "memory" in str([reply.shown for reply in replies])
    numbers = kernel.value("[(r.number, r.status) for r in __import__('ipyfootprint').runs()]")
    assert numbers == [(n, "ok") for n in range(1, 6)]
    energies = kernel.value("[r.energy_j for r in __import__('ipyfootprint').runs()]")
    assert all(joules is None or joules >= 0 for joules in energies)
    kernel.run("resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)")
    kernel.run("%unload_ext ipyfootprint")
    ledger, warning = open_ledger(str(tmp_path / "ledger.db"))
    kept = [(run.number, run.status) for run in ledger.runs()]
    ledger.close()
    assert warning is None
    assert kept == [(n, "ok") for n in range(1, 6)]


def test_an_unknown_zone_is_said_in_three_parts_with_its_neighbours(new_kernel):
    kernel = new_kernel(IPYFOOTPRINT_ZONE="DEU1")
    kernel.run("%load_ext ipyfootprint")
    first = kernel.run("%%footprint\n6 * 7")
    assert first.result == "42"
    said = str(first.shown)
    assert "DEU1" in said
    assert "DE" in said.replace("DEU1", "")
    assert len(kernel.run("%%footprint\n1").shown) == 1

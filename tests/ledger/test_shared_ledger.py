"""One file for several people on a host: each with an account of their own, all at once."""

import multiprocessing
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from made_up_runs import a_closed_run, a_session, fill

from ipyfootprint import ids
from ipyfootprint.ledger import outbox
from ipyfootprint.ledger.opening import make_shared, open_ledger
from ipyfootprint.ledger.outbox import Outbox
from ipyfootprint.ledger.publish import Publisher

GROUP = 54_321
ACCOUNTS = (54_322, 54_323, 54_324)
EACH = 40


def work(account, path, answer):
    """Become a person of the group (as far as this process may), and record runs."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(GROUP)
        os.setuid(account)
    ledger, warning = open_ledger(path)
    me = ids.user_id()
    session, alive = f"of-{account}", {"pid": os.getpid(), "boot_id": ids.boot_id()}
    ledger.open_session(replace(a_session(session), user_id=me, **alive))
    for number in range(EACH):
        run = a_closed_run(number + account * 1000, session, user_id=me)
        ledger.begin(replace(run, status="started"))
        ledger.close_run(run)
    ledger.close()
    answer.put((me, str(warning), ledger.path))


@pytest.fixture
def shared(tmp_path):
    (tmp_path / "team").mkdir()
    path = make_shared(str(tmp_path / "team" / "ledger.db"))
    if os.geteuid() == 0:
        for place in (path, path.parent):
            os.chown(place, 0, GROUP)
    path.parent.chmod(0o2770)
    for place in path.parent.parents:  # pytest's folders are for their owner only
        if os.geteuid() == 0 and place.owner() == "root" and not place.stat().st_mode & 1:
            place.chmod(place.stat().st_mode | 1)
    return str(path)


def test_people_of_one_group_write_at_once_and_lose_nothing(shared):
    fork = multiprocessing.get_context("fork")  # an interpreter may be out of another's reach
    answers = fork.Queue()
    people = [fork.Process(target=work, args=(a, shared, answers)) for a in ACCOUNTS]
    for person in people:
        person.start()
    told = [answers.get(timeout=120) for _ in people]
    for person in people:
        person.join(60)
    assert {(warning, path) for _, warning, path in told} == {("None", shared)}
    ledger, _ = open_ledger(shared)
    runs = ledger.runs()
    ledger.close()
    assert len(runs) == EACH * len(ACCOUNTS) and not {run.status for run in runs} & {
        "lost",
        "started",
    }
    if os.geteuid() == 0:
        assert len({run.user_id for run in runs}) == len(ACCOUNTS)
    assert stat.S_IMODE(Path(shared).stat().st_mode) == 0o660


class Kept:
    """A server that keeps the run ids it is sent."""

    def __init__(self):
        self.runs, self.tables = set(), set()

    def __call__(self, address):
        return self

    def who(self):
        return "pseudonym", "ab" * 32

    def send(self, tables):
        self.runs |= set(tables.get("run", {}).get("run_id", ()))
        self.tables |= set(tables)

    def close(self):
        pass


def test_nobody_sends_the_rows_of_others_as_their_own(tmp_path, monkeypatch):
    path = str(make_shared(str(tmp_path / "ledger.db")))
    monkeypatch.setattr(outbox, "user_id", lambda: "somebody else")
    fill(path, 10)
    assert Outbox(path).pending() == 0
    server = Kept()
    assert Publisher(path, "postgresql://a@localhost/b", server=server).send_all() == 0
    assert server.tables == set()
    monkeypatch.setattr(outbox, "user_id", lambda: "local-user")
    assert Publisher(path, "postgresql://a@localhost/b", server=server).send_all() == 14
    assert len(server.runs) == 10


def test_a_file_of_ones_own_is_sent_whole_also_after_a_move(tmp_path, monkeypatch):
    path = str(tmp_path / "ledger.db")
    fill(path, 10)
    monkeypatch.setattr(outbox, "user_id", lambda: "the same person on another machine")
    assert Outbox(path).pending() == 14

"""A cell that waits for its cleanest start, on a clock that moves only while it sleeps."""

from datetime import UTC, datetime, timedelta

import pytest
from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import TransformerManager

from ipyfootprint.errors import ConfigError
from ipyfootprint.grid import Averages
from ipyfootprint.jupyter import marker
from ipyfootprint.jupyter.marker import STATEMENT
from ipyfootprint.jupyter.wait import Wait, deadline
from ipyfootprint.testing import FakeGrid
from ipyfootprint.words import WORDS

EVENING = datetime(2026, 5, 4, 18, 20, tzinfo=UTC)
DAY = FakeGrid([400.0] * 10 + [100.0] * 4 + [400.0] * 10)


class Clock:
    def __init__(self, at=EVENING):
        self.at, self.slept = at, 0

    def now(self):
        return self.at

    def sleep(self, seconds):
        self.slept += 1
        self.at += timedelta(seconds=seconds)


def waited(candidates, hours=24.0, clock=None, patience_s=0.0):
    clock, lines = clock or Clock(), []
    before = clock.at + timedelta(hours=hours)
    wait = Wait(
        candidates,
        3600.0,
        before,
        lambda text, last=False: lines.append((text, last)),
        now=clock.now,
        sleep=clock.sleep,
    )
    wait.run(patience_s)
    return clock, lines


def test_it_returns_at_the_best_start_after_a_countdown():
    clock, lines = waited([DAY.at])
    assert clock.at == datetime(2026, 5, 5, 10, 5, tzinfo=UTC)
    assert lines[0][0].startswith("Waiting until 10:05 (15 h 45 min) for 75 % less carbon")
    assert lines[-1] == (
        "Waited 15 h 45 min for an expected 75 % less carbon than at once; advice, in no total.",
        True,
    )
    assert [last for _, last in lines].count(True) == 1


def test_it_never_starts_after_the_window():
    clock, _ = waited([DAY.at], hours=3)
    assert clock.at == EVENING


@pytest.mark.parametrize("candidates", [[], [lambda when: None]])
def test_without_data_it_returns_at_once_and_says_so(candidates):
    clock, lines = waited(candidates)
    assert clock.slept == 0 and lines == [(WORDS["wait_no_data"], True)]


def test_a_flat_year_gives_no_reason_to_wait():
    clock, lines = waited([Averages("DE").at])
    assert clock.at == EVENING and "at once" in lines[-1][0]


def test_a_forecast_that_is_under_way_is_waited_for_a_moment():
    clock = Clock()

    def soon(when):
        return DAY.at(when) if clock.slept >= 3 else None

    waited([soon], clock=clock, patience_s=4.0)
    assert abs(clock.at - datetime(2026, 5, 5, 10, tzinfo=UTC)) <= timedelta(minutes=15)


def test_a_forecast_that_changes_moves_the_start():
    clock = Clock()
    later = FakeGrid([400.0] * 20 + [10.0] + [400.0] * 3)

    def at(when):
        return (DAY if clock.at < EVENING + timedelta(minutes=5) else later).at(when)

    waited([at], clock=clock)
    assert abs(clock.at - datetime(2026, 5, 4, 20, tzinfo=UTC)) <= timedelta(minutes=15)


def test_an_interrupt_passes():
    def interrupted(seconds):
        raise KeyboardInterrupt

    wait = Wait(
        [DAY.at],
        60.0,
        EVENING + timedelta(hours=24),
        lambda *a, **k: None,
        now=lambda: EVENING,
        sleep=interrupted,
    )
    with pytest.raises(KeyboardInterrupt):
        wait.run()


@pytest.mark.parametrize(
    ("text", "hours"),
    [(None, 24.0), ("19:20", 1.0), ("18:20", 24.0), ("6:20", 12.0), ("7", 12 + 2 / 3)],
)
def test_a_time_of_day_is_its_next_occurrence(text, hours):
    assert deadline(text, EVENING, UTC) - EVENING == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["25:00", "soon", "", "12:77", "-1"])
def test_what_is_no_time_of_day_is_refused(text):
    with pytest.raises(ConfigError, match=r"Type e.g. 18:00"):
        deadline(text, EVENING, UTC)


def transformed(cell):
    manager = TransformerManager()
    manager.cleanup_transforms.append(marker.remove)
    return manager.transform_cell(cell)


def test_the_wait_takes_the_marker_s_line():
    assert transformed("%%footprint --greenest\nx = 1\n") == f"{STATEMENT}x = 1\n"


@pytest.mark.parametrize(
    "cell",
    ["%%footprint --greenest\n\n%%bash\necho hi\n", "\n%%bash\n%%footprint --greenest\necho hi\n"],
)
def test_another_magic_waits_too(cell):
    lines = transformed(cell).splitlines()
    assert lines[0] == STATEMENT.strip()
    assert lines[1].startswith("get_ipython().run_cell_magic('bash', '', 'echo hi")


@pytest.mark.parametrize(
    "line", ["--start-before 18:00", "--greenest --start-before soon", "--greenest --start-before"]
)
def test_half_an_option_refuses_the_cell(line):
    assert transformed(f"%%footprint {line}\nx = 1\n").startswith("get_ipython().run_cell_magic")
    with pytest.raises(UsageError):
        marker.read_options(line)


WAITING = """
from datetime import timedelta
import ipyfootprint.jupyter.wait as w, ipyfootprint.explain as e
from ipyfootprint.model import CarbonIntensity
import time
T0 = time.time()
class Soon:
    def at(self, when):
        g = 400.0 if when.timestamp() < T0 + {seconds} else 100.0
        return CarbonIntensity(g, g, g, zone="DE", resolution="hour", source="test")
e.candidates = lambda subject: [Soon().at]
import ipyfootprint.impact.when as iw
iw._STEP = timedelta(seconds=1)
w.WINDOW, w.USUAL_RUN_S = timedelta(seconds=20), 1.0
"""


@pytest.mark.kernel
def test_the_wait_is_not_metered_as_the_cell(new_kernel):
    kernel = new_kernel()
    kernel.run("%load_ext ipyfootprint")
    kernel.run(WAITING.format(seconds=3))
    reply = kernel.run("%%footprint --label w --greenest -o run\n1 / 0")
    assert reply.error["ename"] == "ZeroDivisionError"
    assert "Waited" in reply.shown[0]["text/plain"] and "75 % less" in reply.shown[0]["text/plain"]
    assert kernel.value("(run.duration_s < 1, run.status)") == (True, "error")
    assert kernel.value("time.time() - T0 >= 3")


@pytest.mark.kernel
def test_an_interrupted_wait_leaves_the_cell_unrun_and_unrecorded(new_kernel):
    import threading

    kernel = new_kernel()
    kernel.run("%load_ext ipyfootprint")
    kernel.run(WAITING.format(seconds=15))
    timer = threading.Timer(2.0, kernel.manager.interrupt_kernel)
    timer.start()
    reply = kernel.run("%%footprint --greenest\nran = True")
    timer.join()
    assert reply.error["ename"] == "KeyboardInterrupt"
    kernel.run("import ipyfootprint")
    assert kernel.value("('ran' in globals(), len(ipyfootprint.runs()))") == (False, 0)
    assert kernel.run("%%footprint -q -o after\npass").status == "ok"
    assert kernel.value("after.status") == "ok"

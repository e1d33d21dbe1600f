"""The stand-ins carry the package's values, and keep a sampler within its memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ipyfootprint import slim

ROOT = Path(__file__).parent.parent
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="smaps_rollup is Linux's")
START = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from ipyfootprint import slim; "


def child(code: str) -> dict:
    command = [sys.executable, "-I", "-S", "-c", START + code]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_values_are_made_by_place_and_by_name_with_their_defaults() -> None:
    seen = child(
        "slim.install()\n"
        "from ipyfootprint.model import Channel, Measurement, DeviceEnergy, Run\n"
        "c = Channel('gpu0', 'gpu', method='counter', sensor='nvml')\n"
        "m = Measurement(1.0, 0.5, 2.0, 'counter')\n"
        "refused = []\n"
        "for bad in (lambda: Measurement(-1, 0, 0, 'counter'), lambda: Channel('x'),\n"
        "            lambda: Channel('x', 'gpu', 'counter', 'nvml', colour=1)):\n"
        "    try: bad()\n"
        "    except (ValueError, TypeError) as error: refused.append(type(error).__name__)\n"
        "slim.remove()\n"
        "import json, dataclasses\n"
        "print(json.dumps([c.name, c.method, c.error, c.spread, m.high_j, refused,\n"
        "                  hasattr(dataclasses, 'asdict')]))"
    )
    assert seen[:5] == ["gpu0", "counter", 0.05, 1.0, 2.0]
    assert seen[5] == ["ValueError", "TypeError", "TypeError"]
    assert seen[6]


def test_a_default_that_is_made_anew_is_not_shared() -> None:
    seen = child(
        "slim.install()\n"
        "from ipyfootprint.model import Session\n"
        "a, b = (Session(session_id=n, user_id='u', started_at=None) for n in 'ab')\n"
        "a.hardware['x'] = 1\n"
        "import json; print(json.dumps([dict(b.hardware), a.session_id]))"
    )
    assert seen == [{}, "a"]


def test_modules_that_are_there_already_are_left_alone() -> None:
    seen = child(
        "import typing; slim.install(); import json, dataclasses; slim.remove()\n"
        "print(json.dumps([hasattr(typing, 'get_type_hints'), hasattr(dataclasses, 'asdict')]))"
    )
    assert seen == [True, True]


@LINUX
def test_discovering_and_reading_stays_within_five_mebibytes() -> None:
    seen = child(
        "slim.install()\n"
        "from ipyfootprint.sensors import discover\n"
        "found = discover(env={})\n"
        "slim.remove()\n"
        "[sensor.read() for sensor in found.sensors]\n"
        "kib = sum(int(line.split()[1]) for line in open('/proc/self/smaps_rollup')\n"
        "          if line.startswith(('Private_Clean', 'Private_Dirty')))\n"
        "names = [sensor.name for sensor in found.sensors]\n"
        "import json; print(json.dumps([kib, names]))"
    )
    limit_mib = 12 if "nvml" in seen[1] else 5
    assert seen[0] <= limit_mib * 1024


def test_what_a_sampler_does_first_can_be_undone(monkeypatch) -> None:
    """The same as above in this process, whose own modules come back afterwards."""
    for name in ("dataclasses", "typing"):
        monkeypatch.delitem(sys.modules, name)
    slim.install()
    stand_in = sys.modules["dataclasses"]

    @stand_in.dataclass(frozen=True, slots=True)
    class Reading:
        name: str
        joules: float = 0.0
        notes: list = stand_in.field(default_factory=list)

        def __post_init__(self) -> None:
            if self.joules < 0:
                raise ValueError(self.joules)

    one, two = Reading("cpu0", 5.0), Reading(name="gpu0")
    one.notes.append("x")
    assert (one.name, one.joules, two.joules, two.notes) == ("cpu0", 5.0, 0.0, [])
    assert sys.modules["typing"].Literal["a", "b"] is sys.modules["typing"].Protocol
    for wrong in ((), ("a", 1.0, [], "too many")):
        with pytest.raises(TypeError, match="Reading"):
            Reading(*wrong)
    with pytest.raises(TypeError, match="colour"):
        Reading("a", colour="red")
    with pytest.raises(ValueError):
        Reading("a", -1.0)
    slim.remove()
    assert "dataclasses" not in sys.modules and "typing" not in sys.modules


def test_here_where_all_is_imported_nothing_is_replaced() -> None:
    before = {name: sys.modules[name] for name in ("dataclasses", "typing")}
    slim.install()
    slim.remove()
    assert before == {name: sys.modules[name] for name in before}

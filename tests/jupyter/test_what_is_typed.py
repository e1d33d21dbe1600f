"""What a newcomer types, and what it answers: each message read in a real kernel."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.kernel


@pytest.fixture
def kernel(new_kernel):
    one = new_kernel()
    one.run("%load_ext ipyfootprint")
    return one


def kept(kernel):
    path = Path(kernel.env["XDG_CONFIG_HOME"]) / "ipyfootprint" / "config.json"
    return json.loads(path.read_text()) if path.exists() else None


def test_help_lists_every_sub_command_and_is_no_error(kernel):
    for typed in ("help", "-h", "--help"):
        reply = kernel.run(f"%footprint {typed}")
        assert reply.status == "ok" and "%footprint export PATH" in reply.text


def test_what_cannot_be_done_is_said_once_with_what_to_type(kernel):
    for typed, said in (
        ("on now", "takes no 'now'; nothing was done. Type %footprint on alone"),
        ("compare", "No efficiency gain was seen in this session"),
        ("breakeven --old 1Wh", "--new; nothing was computed. Type breakeven"),
        ("team everything", "is not known here; nothing was done"),
        ("team status", "Type %footprint config team"),
    ):
        reply = kernel.run(f"%footprint {typed}")
        assert "UsageError" in reply.text and said in reply.text
        assert reply.text.count("nothing was") == 1


def test_a_faulty_option_says_that_the_cell_was_not_run_and_is_no_failed_run(kernel):
    kernel.run("%footprint on")
    reply = kernel.run("%%footprint --lable x\nran = True")
    assert "the cell was not run. Did you mean --label?" in reply.text
    assert "%%footprint? shows every option" in reply.text
    for line, said in (("--plan 0", "1 or more"), ("--work x y", "Type e.g. --work 10 epochs")):
        assert said in kernel.run(f"%%footprint {line}\nran = True").text
    assert kernel.value("'ran' in globals()") is False
    assert kernel.value("len(__import__('ipyfootprint').runs())") == 0


def test_an_export_of_nothing_leaves_the_file_as_it_is(kernel, tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("worth keeping")
    assert "No cell has been metered" in kernel.run(f"%footprint export {path}").text
    assert path.read_text() == "worth keeping"


def test_settings_are_shown_as_they_are_typed_and_say_from_when_on_they_hold(kernel):
    shown = kernel.run("%footprint config").text
    assert "threshold    100 J" in shown and "network      off" in shown
    assert "zone         none" in shown
    assert "from the next cell on" in kernel.run("%footprint config zone DE").text
    assert "%footprint on or off is for this one" in kernel.run("%footprint config auto on").text
    assert "this one stays as it is" in kernel.run("%footprint config project atlas").text
    assert kept(kernel) == {"zone": "DE", "auto": "on", "project": "atlas"}
    assert "taken out of" in kernel.run("%footprint config zone none").text
    assert kept(kernel) == {"auto": "on", "project": "atlas"}


def test_a_zone_holds_from_the_next_cell_on(kernel):
    kernel.wait_for_the_sampler()
    kernel.run("%%footprint\nsum(range(10**6))")
    kernel.run("%footprint config zone FR")  # the run before has not settled yet
    kernel.run("%%footprint\nsum(range(10**6))")
    zones = "[r.intensity.zone for r in __import__('ipyfootprint').runs()]"
    assert kernel.value(zones) == ["WOR", "FRA"]


def test_a_lasting_budget_that_is_taken_back_is_kept_no_longer(kernel):
    assert "Kept in" in kernel.run("%footprint budget 5 Wh per day").text
    assert kept(kernel) == {"budget": "5.00 Wh per day"}
    assert "Taken out of" in kernel.run("%footprint budget none").text
    assert kept(kernel) == {}

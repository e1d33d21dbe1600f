"""The catalogue: phrases with named gaps, one and many, and no way to change it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ipyfootprint.model import DeviceEnergy, Run
from ipyfootprint.words import WORDS, counted, method_word, say, sum_method_word

MODELLED = Run(
    run_id="r",
    session_id="s",
    user_id="u",
    number=1,
    started_at=datetime(2026, 1, 1, tzinfo=UTC),
    method="modelled",
    energy_j=1.0,
)
DEVICE = DeviceEnergy(1.0, 1.0, 1.0, 1.0, "counter", "gpu", "replay of a.csv")
REPLAYED = replace(MODELLED, method="counter", devices={"gpu0": DEVICE})


def test_one_and_many_are_two_phrases():
    assert [counted("runs", count) for count in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]


@pytest.mark.parametrize("call", [lambda: say("no such phrase"), lambda: say("cell")])
def test_a_phrase_that_is_not_there_or_a_gap_without_its_value_is_refused(call):
    with pytest.raises(KeyError):
        call()


def test_how_energy_was_obtained_is_one_word():
    assert [method_word(run) for run in (MODELLED, REPLAYED)] == ["modelled", "replayed"]
    measured = replace(MODELLED, method="counter")
    assert sum_method_word([measured, MODELLED]) == "modelled"
    assert sum_method_word([measured, REPLAYED]) == "replayed"
    assert sum_method_word([replace(MODELLED, energy_j=None)]) == "not measured"


def test_nobody_changes_a_word_for_all_others():
    with pytest.raises(TypeError):
        WORDS["cell"] = "Zelle"  # type: ignore[index]

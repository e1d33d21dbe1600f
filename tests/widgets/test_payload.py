import json
from pathlib import Path

import pytest
from hostile import CORPUS
from made_up import (
    ADVICE,
    CHANGE,
    LINKS,
    SESSION,
    made_finding,
    made_run,
    made_runs,
    made_summary,
    made_trace,
)

from ipyfootprint.model import METHODS, DeviceEnergy, Estimate, Gap
from ipyfootprint.units import carbon_text, duration_text, energy_text
from ipyfootprint.widgets.live import STATIC
from ipyfootprint.widgets.payload import (
    badge_payload,
    banner_payload,
    fixed_payload,
    panel_payload,
    rows_payload,
)
from ipyfootprint.widgets.rows import Advice
from ipyfootprint.widgets.static_view import summary_view
from ipyfootprint.widgets.summary import summarise


def wire(payload: object) -> str:
    return json.dumps(payload, ensure_ascii=False, allow_nan=False)


def test_a_badge_holds_finished_texts_only():
    running = made_run(3, status="started", settled=False)
    told = badge_payload(
        running,
        made_run(1, 90_000.0),
        made_trace(),
        power_w=250.0,
        predicted=(Estimate(150_000.0, 140_000.0, 160_000.0), 60.0),
    )
    assert told["energy"] == "21 Wh (20-22)"
    assert told["how"] == "measured at GPU + CPU"
    assert told["change"] == "84 % of its previous run so far"
    assert told["predicted"] == "about 42 Wh (39-44) in all, 1 min 00 s left"
    assert told["power"] == "250 W"
    assert len(wire(told)) < 3_000


def test_an_ended_badge_tells_the_change_against_the_previous_run():
    assert badge_payload(made_run(3), made_run(1, 90_000.0))["change"] == "-16 % vs last run"


def test_a_badge_without_energy_has_no_figure():
    told = badge_payload(made_run(3, None))
    assert (told["energy"], told["carbon"], told["spark"]) == ("", "", None)


def test_ten_thousand_runs_fit_the_wire():
    summary = made_summary(10_000)
    sent = wire(rows_payload(summary.runs)) + wire(panel_payload(summary))
    sent += wire(fixed_payload(summary)) + wire(summary_view(summary).mimebundle())
    code = (STATIC / "session.js").stat().st_size
    assert len(sent.encode()) + code <= 300_000


def test_rows_keep_value_bounds_state_method_and_label_of_every_run():
    runs = [*made_runs(200), made_run(900, None, status="interrupted")]
    sent = json.loads(wire(rows_payload(runs)))
    energy, label = sent["energy"].split(","), sent["label"].split(",")
    for index, run in enumerate(runs):
        assert sent["number"][index] == run.number
        assert sent["state"][index] == run.status[0]
        assert sent["method"][index] == run.method[0]
        assert sent["labels"][int(label[index])] == (run.label or "")
        if run.energy_j is None:
            assert energy[index] == ""
            continue
        code = ord(sent["energy_bounds"][index])
        low, high = sent["ratios"][code - 0x23 if code < 0x80 else code - 0x100 + 57]
        assert float(energy[index]) == pytest.approx(run.energy_j, rel=0.005)
        assert low / 100 == pytest.approx(run.energy_low_j / run.energy_j, abs=0.005)
        assert high / 100 == pytest.approx(run.energy_high_j / run.energy_j, abs=0.005)


def test_a_replayed_row_is_no_measured_one():
    replay = DeviceEnergy(9.0, 8.0, 10.0, 1.0, "counter", "gpu", "replay of a.json")
    runs = [made_run(n, method=method) for n, method in enumerate(METHODS, 1)]
    runs.append(made_run(9, 9.0, devices={"gpu0": replay}))
    assert rows_payload(runs)["method"] == "cimur"
    words = fixed_payload(made_summary())["words"]
    assert {words[name] for name in (*METHODS, "replay")} == {
        "measured", "integrated", "modelled", "not measured", "replayed",
    }  # fmt: skip
    assert badge_payload(runs[-1])["method"] == "replay"


def test_a_sum_with_a_replay_in_it_is_replayed():
    replay = DeviceEnergy(9.0, 8.0, 10.0, 1.0, "counter", "gpu", "replay of a.json")
    gap = Gap(session_id="s1", duration_s=9.0, energy_j=1.0, node_energy_j=1.0, method="counter")
    summary = summarise(SESSION, [made_run(1), made_run(2, 9.0, devices={"gpu0": replay})], gap)
    (totals, *_) = panel_payload(summary)["tables"]
    assert [row[2] for row in totals["rows"]][::2][:2] == ["replayed", "replayed"]


def test_more_ratios_than_one_byte_holds_are_still_told_apart():
    runs = [
        made_run(n, 100.0, energy_low_j=float(n), energy_high_j=200.0 + n) for n in range(1, 100)
    ]
    sent = rows_payload(runs)
    assert len(set(sent["energy_bounds"])) == 99
    assert not set(sent["energy_bounds"]) & {'"', "\\"}


def test_what_if_starts_from_the_sessions_own_assumptions():
    whatif = panel_payload(made_summary())["whatif"]
    assert whatif["g_per_kwh"] == 344.0
    assert whatif["pue"] == 1.0
    assert whatif["lifetime_y"] == 4.0
    assert ["SWE", 35.0] in fixed_payload(made_summary())["zones"]


def test_equivalents_are_open_where_somebody_asked_for_them_and_else_not_there():
    assert "equivalents" not in [table["id"] for table in panel_payload(made_summary())["tables"]]
    told = panel_payload(made_summary(equivalents=True))["tables"]
    (found,) = [table for table in told if table["id"] == "equivalents"]
    assert found["open"] and len(found["rows"]) == 2


def test_without_carbon_there_is_no_what_if():
    run = made_run(1, operational_g=None)
    assert panel_payload(summarise(SESSION, [run]))["whatif"] is None


def test_a_banner_holds_the_sentence_the_pictures_and_the_advice():
    told = banner_payload(made_finding(), change=CHANGE, links=LINKS, advice=ADVICE, runs_left=7)
    assert told["interval"] == "80 % interval 60 % to 125 %"
    assert told["runs_left"] == "The saving is gone after 7 more runs at this pace."
    assert [table["id"] for table in told["tables"]] == ["waterfall", "loop"]
    assert len(wire(told)) < 12_000


@pytest.mark.parametrize("evil", CORPUS)
def test_every_payload_can_be_sent_whatever_the_texts(evil):
    run = made_run(1, label=evil)
    told = [
        badge_payload(run),
        panel_payload(summarise(SESSION, [run], findings=[made_finding(message=evil)])),
        rows_payload([run]),
        banner_payload(made_finding(message=evil), advice=[Advice(evil, evil)]),
    ]
    for payload in told:
        sent = wire(payload)
        sent.encode()
        assert "\u202e" not in sent and "\u2066" not in sent and "\\u001b" not in sent


def test_the_browser_and_python_write_figures_alike():
    cases = json.loads(Path(__file__).with_name("figures.json").read_text())
    for bounds, text in cases["energy"]:
        assert energy_text(Estimate(*bounds)) == text
    for bounds, text in cases["carbon"]:
        assert carbon_text(Estimate(*bounds)).replace(" CO2e", "") == text
    for seconds, text in cases["duration"]:
        assert duration_text(seconds) == text

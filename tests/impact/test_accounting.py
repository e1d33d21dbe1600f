from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyfootprint import impact
from ipyfootprint.impact.accounting import Context, Rates
from ipyfootprint.impact.resources import Electricity
from ipyfootprint.impact.timeline import split
from ipyfootprint.model import CarbonIntensity, Estimate, Footprint, PowerTrace, Run

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
KWH = 3.6e6
SERVER = impact.Hardware(platform="server", gpus=(("gpu0", "NVIDIA H100 80GB HBM3"),))


def grid(grams: float, source: str = "a table", **tags: object) -> CarbonIntensity:
    return CarbonIntensity(grams, grams * 0.8, grams * 1.2, zone="DE", source=source, **tags)


def by_hour(when: datetime) -> CarbonIntensity:
    return grid(100.0 * (when.hour + 1))


def desk(intensity_at=lambda when: grid(400)):
    return impact.context(intensity_at, impact.Hardware(platform="desktop"), country="DEU")


def test_a_run_fills_every_flat_field_of_its_row():
    footprint = impact.account(
        Estimate(KWH, KWH, KWH), 3600, NOON, impact.context(lambda when: grid(400), SERVER)
    )
    run = Run(run_id="r", session_id="s", user_id="u", started_at=NOON, number=1)
    run = replace(run, **impact.run_fields(footprint))
    assert run.operational_g == pytest.approx(400 * 1.54)
    assert run.operational_low_g < run.operational_g < run.operational_high_g
    assert run.embodied_low_g < run.embodied_g < run.embodied_high_g
    assert run.water_low_l < run.water_l < run.water_high_l
    assert run.pue == 1.54 and run.intensity.g_per_kwh == 400
    assert run.adpe_kgsbeq > 0 and run.primary_energy_mj > 0 and run.ewaste_kg > 0


def test_without_energy_carbon_and_water_are_absent_and_the_embodied_share_stays():
    footprint = impact.account(None, 3600, NOON, desk())
    assert footprint.operational is footprint.water is footprint.primary_energy_mj is None
    assert footprint.intensity is None
    assert footprint.embodied.mid > 0


def test_without_an_intensity_carbon_is_absent_and_water_stays():
    footprint = impact.account(Estimate.exact(KWH), 60, NOON, desk(lambda when: None))
    assert footprint.operational is None and footprint.intensity is None
    assert footprint.water.mid == pytest.approx(1.947)


def test_a_desk_needs_no_cooling_water_and_no_overhead():
    footprint = impact.account(Estimate.exact(KWH), 60, NOON, desk())
    assert footprint.pue == 1
    assert footprint.operational.mid == pytest.approx(400)


def test_each_hour_of_a_run_is_charged_at_its_own_intensity():
    start = NOON + timedelta(minutes=30)
    footprint = impact.account(Estimate.exact(KWH), 3600, start, desk(by_hour))
    assert footprint.operational.mid == pytest.approx(0.5 * 1300 + 0.5 * 1400)
    assert footprint.intensity.g_per_kwh == pytest.approx(1350)


def test_the_trace_says_in_which_hour_the_energy_was_used():
    start = NOON + timedelta(minutes=30)
    trace = PowerTrace(900.0, {"cpu0": (30.0, 30.0, 0.0, 0.0), "gpu0": (None, 100.0, None, 100.0)})
    footprint = impact.account(Estimate.exact(KWH), 3600, start, desk(by_hour), trace=trace)
    assert footprint.operational.mid == pytest.approx((260 * 1300 + 200 * 1400) / 460)


@given(
    started=st.integers(0, 86_400_000),
    duration=st.floats(0.001, 200_000),
    joules=st.floats(0, 1e9),
    watts=st.lists(st.one_of(st.none(), st.floats(0, 1e4)), max_size=50),
)
def test_splitting_a_run_conserves_its_energy_and_carbon(started, duration, joules, watts):
    start = NOON + timedelta(milliseconds=started)
    trace = PowerTrace(1.0, {"gpu0": tuple(watts)})
    parts = list(split(Estimate.exact(joules), duration, start, trace=trace))
    assert sum(part.mid for part, _ in parts) == pytest.approx(joules, rel=1e-9, abs=1e-12)
    hours = [when.replace(minute=0, second=0, microsecond=0) for _, when in parts]
    assert len(set(hours)) == len(hours)
    context = desk(lambda when: grid(321.0, source=str(when.hour)))
    carbon = impact.account(Estimate.exact(joules), duration, start, context, trace=trace)
    assert carbon.operational.mid == pytest.approx(joules * 321 / KWH, rel=1e-9, abs=1e-12)


def test_a_run_of_several_hours_names_all_its_sources_and_is_estimated_if_any_is():
    def at(when: datetime) -> CarbonIntensity:
        return grid(100, "live") if when.hour == 12 else grid(200, "a table", estimated=True)

    intensity = impact.account(Estimate.exact(KWH), 2 * 3600, NOON, desk(at)).intensity
    assert intensity.source == "live; a table" and intensity.estimated


def test_only_the_gpus_it_held_count_and_only_the_fraction_held():
    context = impact.context(lambda when: grid(400), SERVER)

    def made(gpus: dict[str, float] | None) -> float:
        return impact.account(None, 3600, NOON, context, gpus=gpus).embodied.mid

    whole, none, half = made(None), made({}), made({"gpu0": 0.5})
    assert whole == pytest.approx(made({"gpu0": 1.0, "gpu7": 1.0}))
    assert half == pytest.approx((whole + none) / 2)
    assert whole - none == pytest.approx(307_000 / (6 * 8760 * 0.85), rel=1e-6)


def test_better_intensities_later_give_the_grams_to_add():
    context = desk(lambda when: grid(400))
    start = NOON + timedelta(minutes=30)
    footprint = impact.account(Estimate.exact(KWH), 3600, start, context)
    run = Run(
        run_id="r",
        session_id="s",
        user_id="u",
        started_at=start,
        number=1,
        duration_s=3600.0,
        energy_j=KWH,
        **impact.run_fields(footprint),
    )
    assert impact.restatement(run, by_hour) == pytest.approx(1350 - 400)
    assert impact.restatement(run, lambda when: None) is None
    assert impact.restatement(replace(run, operational_g=None), by_hour) is None


def test_every_input_is_in_the_ledger_with_its_origin():
    context = impact.context(
        lambda when: grid(400), SERVER, country="FRA", pue=1.2, origin={"pue": "%footprint config"}
    )
    lines = {line.name: line for line in context.assumptions}
    assert lines["pue"].set_by == "%footprint config" and lines["pue"].value == 1.2
    assert lines["utilisation"].set_by == "default" and lines["utilisation"].source
    assert lines["gpu0_kg"].low == 164 and lines["gpu0_kg"].high == 575
    assert "world's average" not in lines["water_l_per_kwh"].source


def rates(scale: float, **known: float | None) -> Rates:
    fields = {"adpe_kgsbeq": None, "primary_mj": None, "ewaste_kg": None, **known}
    return Rates(Estimate(2 * scale, 1 * scale, 3 * scale), **fields)


BY_HAND = Context(
    intensity_at=lambda when: grid(400),
    pue=Estimate(1.5, 1.25, 2.0),
    wue=Estimate.exact(0.2),
    electricity=Electricity(Estimate.exact(2.0), 1e-7, 10.0, own_water=True, own_resources=True),
    host=rates(1.0, adpe_kgsbeq=1e-6, primary_mj=0.5),
    gpus={"gpu0": rates(10.0, adpe_kgsbeq=2e-6, ewaste_kg=1e-3), "gpu1": rates(100.0)},
    devices={},
    share_of_host=0.25,
    lifetime_years=Estimate.exact(1),
    utilisation=Estimate.exact(1),
    assumptions=(),
)


def test_a_footprint_by_hand():
    energy = Estimate(2 * KWH, KWH, 4 * KWH)
    of = impact.account(energy, 100.0, NOON, BY_HAND, gpus={"gpu0": 0.5})
    assert of.pue == 1.5 and of.intensity == grid(400)
    assert of.operational.mid == pytest.approx(2 * 1.5 * 400)
    assert of.operational.low == pytest.approx(1 * 1.25 * 320)
    assert of.operational.high == pytest.approx(4 * 2.0 * 480)
    assert of.water.mid == pytest.approx(2 * (0.2 + 1.5 * 2.0))
    # 25 s of the host and 50 s of the GPU.
    assert of.embodied.mid == pytest.approx(25 * 2 + 50 * 20)
    assert (of.embodied.low, of.embodied.high) == pytest.approx((25 + 500, 75 + 1500))
    assert of.adpe_kgsbeq == pytest.approx(3 * 1e-7 + 25 * 1e-6 + 50 * 2e-6)
    assert of.primary_energy_mj == pytest.approx(3 * 10 + 25 * 0.5)
    assert of.ewaste_kg == pytest.approx(50 * 1e-3)


def test_what_no_table_knows_is_absent_and_energy_alone_has_minerals():
    bare = replace(BY_HAND, host=rates(1.0), gpus={})
    of = impact.account(Estimate.exact(KWH), 100.0, NOON, bare)
    assert of.ewaste_kg is None
    assert of.adpe_kgsbeq == pytest.approx(1.5e-7)
    assert of.primary_energy_mj == pytest.approx(15)
    without = impact.account(None, 100.0, NOON, BY_HAND)
    assert without.adpe_kgsbeq is without.primary_energy_mj is None
    assert without.ewaste_kg == pytest.approx(100 * 1e-3)
    assert without.embodied.mid == pytest.approx(25 * 2 + 100 * 20 + 100 * 200)


def test_every_field_of_a_row_comes_from_the_figure_of_its_name():
    of = Footprint(
        pue=1.1,
        intensity=grid(400),
        operational=Estimate(2, 1, 3),
        embodied=Estimate(5, 4, 6),
        water=Estimate(8, 7, 9),
        adpe_kgsbeq=10,
        primary_energy_mj=11,
        ewaste_kg=12,
    )
    assert impact.run_fields(of) == {
        "pue": 1.1,
        "intensity": grid(400),
        "operational_g": 2,
        "operational_low_g": 1,
        "operational_high_g": 3,
        "embodied_g": 5,
        "embodied_low_g": 4,
        "embodied_high_g": 6,
        "water_l": 8,
        "water_low_l": 7,
        "water_high_l": 9,
        "adpe_kgsbeq": 10,
        "primary_energy_mj": 11,
        "ewaste_kg": 12,
    }
    absent = impact.run_fields(replace(of, operational=None, embodied=None, water=None))
    assert absent["operational_g"] is absent["operational_low_g"] is None
    assert absent["embodied_high_g"] is absent["water_l"] is None


def test_one_intensity_for_all_hours_is_told_as_it_is():
    same = grid(400)
    of = impact.account(
        Estimate.exact(KWH), 9000, NOON, replace(BY_HAND, intensity_at=lambda _: same)
    )
    assert of.intensity is same
    unknown_later = replace(BY_HAND, intensity_at=lambda when: same if when.hour == 12 else None)
    of = impact.account(Estimate.exact(KWH), 9000, NOON, unknown_later)
    assert of.intensity is of.operational is None and of.water is not None


def test_a_restatement_keeps_the_overhead_and_the_shape_of_the_run():
    run = Run(
        run_id="r",
        session_id="s",
        user_id="u",
        started_at=NOON,
        number=1,
        duration_s=7200.0,
        energy_j=KWH,
        operational_g=500.0,
        pue=1.5,
    )
    trace = PowerTrace(3600.0, {"gpu0": (300.0, 100.0)})
    assert impact.restatement(run, by_hour) == pytest.approx(1.5 * 1350 - 500)
    assert impact.restatement(run, by_hour, trace=trace) == pytest.approx(1.5 * 1325 - 500)
    assert impact.restatement(replace(run, pue=None), by_hour) == pytest.approx(1350 - 500)
    for missing in ("energy_j", "duration_s", "operational_g"):
        assert impact.restatement(replace(run, **{missing: None}), by_hour) is None

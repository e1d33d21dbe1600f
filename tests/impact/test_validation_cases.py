"""Published results, reproduced by the public functions."""

import csv
from pathlib import Path

import pytest

from ipyfootprint.impact import embodied, operational, water
from ipyfootprint.impact.assumptions import factors, ledger, total
from ipyfootprint.impact.timeline import blend
from ipyfootprint.model import CarbonIntensity, Estimate

CASES = Path(__file__).parent.parent / "data" / "validation_cases.csv"
KWH = 3.6e6
LB = 453.59237


def carbon_g(kwh, grams):
    return operational(Estimate.exact(kwh * KWH), 1.0, Estimate.exact(grams)).mid


def litres(kwh, wue, pue, ewif):
    return water(Estimate.exact(kwh * KWH), wue, pue, ewif).mid / 1e6


def made_t(gpu_hours, te_kg, years, util, gpus_per_server=1.0):
    return embodied(te_kg, gpu_hours / gpus_per_server, years, util).mid / 1e6


def mix(**grams):
    shares = {"coal": 0.25, "petroleum": 0.35, "gas": 0.26, "nuclear": 0.14}
    return blend(
        [
            (Estimate.exact(shares[fuel]), CarbonIntensity(value, value, value, zone=fuel))
            for fuel, value in grams.items()
        ]
    ).g_per_kwh


REPRODUCED = {
    "PUE*P*h/1000": lambda **v: total(ledger(**v)).facility_kwh,
    "0.954 lb/kWh * kWh": lambda kwh, lb_per_kwh: carbon_g(kwh, lb_per_kwh * LB) / LB,
    "chips*days*24*W*PUE/1e6": lambda chips, days, watts_per_accelerator, pue: (
        total(
            ledger(count=chips, hours=days * 24, power_w=watts_per_accelerator, pue=pue)
        ).facility_kwh
        / 1000
    ),
    "MWh*kg/kWh": lambda mwh, kg_per_kwh: carbon_g(mwh * 1000, kg_per_kwh * 1000) / 1e6,
    "626155 lb*0.45359237/1000 / 3.2": lambda strubell_lb, patterson_t: (
        strubell_lb * LB / 1e6 / patterson_t
    ),
    "GPUh*TDP": lambda gpu_hours, tdp_kw: (
        total(ledger(power_w=tdp_kw * 1000, hours=gpu_hours)).energy_kwh
    ),
    "kWh*57": lambda kwh, g_per_kwh: carbon_g(kwh, g_per_kwh) / 1e6,
    "TE/(EL*util)": lambda te_kg, years, util: embodied(te_kg, 1, years, util).mid / 1000,
    "GPUh/8*rate": made_t,
    "GPUh*rate": made_t,
    "sum": lambda **v: mix(**v) if "coal" in v else v["servers_t"] + v["gpus_t"],
    "E*WUE": lambda kwh, wue: litres(kwh, wue, 1.0, 0.0),
    "E*PUE*EWIF": lambda kwh, pue, ewif: litres(kwh, 0.0, pue, ewif),
    "E*(WUE+PUE*EWIF)": lambda **v: litres(**v),
    "TE*TiR/EL": lambda te_kg, tir_h, el_h: embodied(te_kg, tir_h, el_h / 8760).mid,
    "8*164": lambda per_gpu_kg: 8 * embodied(per_gpu_kg, 8760, 1.0).mid / 1000,
}


def cases():
    with CASES.open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["inputs"]]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_a_published_result_is_reproduced_from_its_inputs(case):
    pairs = (pair.split("=") for pair in case["inputs"].split(";"))
    inputs = {name: float(value) for name, value in pairs}
    value = REPRODUCED[case["formula"]](**inputs)
    assert value == pytest.approx(float(case["published"]), rel=float(case["tolerance"]))


STRUBELL = ledger(
    "Strubell et al. 2019",
    count=1,
    power_w=1515.43,
    hours=274_120,
    pue=1.58,
    intensity_g_per_kwh=0.954 * LB,
)
PATTERSON = ledger(
    "Patterson et al. 2021",
    count=200,
    power_w=208,
    hours=6.8 * 24,
    pue=1.10,
    intensity_g_per_kwh=431,
)


def test_the_inputs_between_two_estimates_of_one_search_multiply_to_eighty_eight():
    high, low = total(STRUBELL), total(PATTERSON)
    assert high.operational_g / 1e6 == pytest.approx(284.0, rel=1e-3)
    assert low.operational_g / 1e6 == pytest.approx(3.22, rel=1e-3)
    ratio = high.operational_g / low.operational_g
    assert ratio == pytest.approx(88.24, rel=1e-4)
    by = {factor.name: factor.factor for factor in factors(PATTERSON, STRUBELL)}
    assert set(by) == {"count", "power_w", "hours", "pue", "intensity_g_per_kwh"}
    assert by["count"] * by["power_w"] * by["hours"] == pytest.approx(61.19, rel=1e-4)
    assert by["pue"] == pytest.approx(1.4364, rel=1e-4)
    assert by["intensity_g_per_kwh"] == pytest.approx(1.0040, rel=1e-4)
    product = 1.0
    for factor in by.values():
        product *= factor
    assert product == pytest.approx(ratio, rel=1e-9)


def test_bloom_s_hardware_is_a_fifth_of_its_footprint():
    servers = made_t(1_082_990, 2500, 6, 0.85, gpus_per_server=8)
    gpus = made_t(1_082_990, 150, 6, 0.85)
    assert (servers, gpus) == pytest.approx((7.575, 3.636), rel=1e-4)
    dynamic, idle = carbon_g(433_196, 57) / 1e6, carbon_g(256_646, 57) / 1e6
    whole = servers + gpus + dynamic + idle
    assert whole == pytest.approx(50.5, rel=2e-3)
    assert (servers + gpus) / whole == pytest.approx(0.22, abs=0.003)


def test_gpt_3_s_water_with_its_overhead_counted_once():
    assert litres(1_287_000, 0.55, 1.17, 3.142) == pytest.approx(5.439, rel=1e-3)
    metered = 1_287_000 / 1.10
    assert litres(metered, 0.55, 1.17, 3.142) == pytest.approx(4.94, rel=1e-3)

import pytest

from ipyfootprint.impact.equivalents import UNITS, Figure, equivalents, figures
from ipyfootprint.model import Estimate
from ipyfootprint.words import WORDS


def test_every_figure_names_its_source_year_and_licence_and_has_its_words():
    assert figures()
    for figure in figures():
        assert len(figure.source) > 20 and figure.licence and 2010 <= figure.year <= 2030
        assert figure.name in UNITS and WORDS[f"equivalent_{figure.name}"]


@pytest.mark.parametrize("missing", ["source", "licence"])
def test_a_figure_without_a_source_or_licence_is_refused(missing):
    given = {"source": "somebody", "licence": "free", missing: ""}
    with pytest.raises(ValueError, match="names no source"):
        Figure("car", "carbon", Estimate.exact(1.0), year=2026, **given)


def test_the_figures_are_those_of_their_sources():
    per = {figure.name: figure.per_unit.mid for figure in figures()}
    assert per["car"] == pytest.approx(3.93e-4 * 1e6 / 1609.344, rel=1e-3)
    assert per["kettle"] == pytest.approx(4190 * 80 * 0.998, rel=1e-3)


def test_the_bounds_of_total_and_figure_are_carried_through():
    found = {e.figure.name: e.amount for e in equivalents(Estimate(3.345e5, 3e5, 4e5), None)}
    assert set(found) == {"kettle"}
    assert found["kettle"].mid == pytest.approx(1.0)
    assert found["kettle"].low == pytest.approx(3e5 / 336_600)
    assert found["kettle"].high == pytest.approx(4e5 / 333_600)
    (car,) = equivalents(None, Estimate(244.2, 200.0, 300.0))
    assert (car.amount.mid, car.amount.high) == (pytest.approx(1000), pytest.approx(300 / 0.2442))
    assert equivalents(None, None) == []

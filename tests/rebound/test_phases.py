"""A cell's phase, guessed from its calls."""

import pytest

from ipyfootprint.rebound.phases import phase_of


@pytest.mark.parametrize(
    ("source", "phase"),
    [
        ("model.fit(X, y)\nmodel.score(X, y)", "training"),
        ("for epoch in range(3):\n    loss.backward()", "training"),
        ("for lr in (0.1, 0.01):\n    train(lr)", "tuning"),
        ("for a, b in product(A, B):\n    Ridge(a).fit(X, b)", "tuning"),
        ("GridSearchCV(SVC(), grid).fit(X, y)", "tuning"),
        ("pred = model.predict(X)\nprint(accuracy_score(y, pred))", "evaluation"),
        ("out = model.generate(ids)", "inference"),
        ("df = pd.read_csv('a.csv')\ndf.head()", "data"),
        ("df.describe()", "exploration"),
        ("def train():\n    model.fit(X)\n\n    return 1", None),
        ("class A:\n    def fit(self): pass\n", None),
        ("def step():\n    model.fit(X)\n\nstep()\nmodel.predict(X)", "inference"),
        ("for n, lr in grid:\n    train(lr)", "tuning"),
        ("for lr in grid:\n    model.predict(lr)", "inference"),
        ("for x, y in grid:\n    train(x)", "training"),
        ("for x in product(A):\n    model.predict(x)", "inference"),
        ("# model.fit(X)\nx = 1", None),
        ("", None),
        ("((", None),
    ],
)
def test_the_calls_of_a_cell_name_its_phase(source, phase):
    assert phase_of(source) == phase

"""scikit-learn and tqdm as they are."""

import io
import pickle
import threading
import warnings

import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.cluster import KMeans
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    cross_val_predict,
    cross_val_score,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from tqdm import tqdm, trange

from ipyfootprint import probes
from ipyfootprint.probes.counts import BATCHES, FITS, ITERATIONS, LOOPS

PLAIN = {name: vars(tqdm)[name] for name in ("__init__", "close", "reset")}
X, Y = make_classification(120, 6, random_state=0)


@pytest.fixture(autouse=True)
def counted():
    probes.notes()
    probes.install()
    yield
    probes.uninstall()
    assert probes.notes() == []


def done():
    work = probes.take()
    return work and (work.units, work.kind)


def partially():
    model = SGDClassifier()
    for _ in range(7):
        model.partial_fit(X, Y, classes=[0, 1])


# What trains, and the work it is.
FITTED = {
    "logistic": (lambda: LogisticRegression(max_iter=7).fit(X, Y), ITERATIONS, 7),
    "sgd": (lambda: SGDClassifier(max_iter=9, tol=None).fit(X, Y), ITERATIONS, 9),
    "mlp": (lambda: MLPClassifier((4,), max_iter=11).fit(X, Y), ITERATIONS, 11),
    "forest": (lambda: RandomForestClassifier(13).fit(X, Y), ITERATIONS, 13),
    "parallel forest": (lambda: RandomForestClassifier(13, n_jobs=2).fit(X, Y), ITERATIONS, 13),
    "boosting": (lambda: GradientBoostingClassifier(n_estimators=5).fit(X, Y), ITERATIONS, 5),
    "svm": (lambda: PCA(2).fit(X), FITS, 1),
    "pca and transform": (lambda: PCA(2).fit_transform(X), FITS, 1),
    "pipeline": (
        lambda: make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y),
        FITS,
        1,
    ),
    "one against rest": (lambda: OneVsRestClassifier(LinearSVC()).fit(X, Y % 2), ITERATIONS, 1),
    "voting": (
        lambda: VotingClassifier([("a", SVC()), ("b", LinearSVC())]).fit(X, Y),
        ITERATIONS,
        2,
    ),
    "partial": (partially, BATCHES, 7),
    "grid": (lambda: GridSearchCV(PCA(), {"n_components": [1, 2, 3]}, cv=4).fit(X), FITS, 13),
    "parallel grid": (
        lambda: GridSearchCV(SVC(), {"C": [1, 2, 3]}, cv=4, n_jobs=2).fit(X, Y),
        FITS,
        13,
    ),
    "random search": (
        lambda: RandomizedSearchCV(SVC(), {"C": [1, 2, 3]}, n_iter=2, cv=3, refit=False).fit(X, Y),
        FITS,
        6,
    ),
    "cross validation": (lambda: cross_val_score(SVC(), X, Y, cv=5), FITS, 5),
    "parallel cross validation": (lambda: cross_val_score(SVC(), X, Y, cv=5, n_jobs=2), FITS, 5),
    "predicted cross validation": (lambda: cross_val_predict(SVC(), X, Y, cv=3), FITS, 3),
    "two fits": (lambda: (PCA(2).fit(X), PCA(3).fit(X)), FITS, 2),
}


@pytest.mark.parametrize("name", FITTED)
@pytest.mark.filterwarnings("ignore")
def test_fits_are_counted_exactly(name, taken):
    train, kind, units = FITTED[name]
    probes.start()
    train()
    work = taken()
    assert (work.units, work.kind) == (units, kind)


def test_the_iterations_are_those_that_the_model_tells():
    probes.start()
    model = KMeans(3, n_init=1, random_state=0).fit(X)
    assert done() == (model.n_iter_, ITERATIONS)


def test_a_fit_that_fails_is_no_work_and_leaves_no_depth():
    probes.start()
    with pytest.raises(ValueError):
        LogisticRegression().fit(X, Y[:5])
    with pytest.raises(ValueError):
        cross_val_score(SVC(), X, Y[:5])
    assert done() is None
    PCA(2).fit(X)
    assert done() == (1, FITS)


def test_two_threads_of_the_user_count_both():
    probes.start()
    threads = [threading.Thread(target=lambda: PCA(2).fit(X)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done() == (4, FITS)


class Own(ClassifierMixin, BaseEstimator):
    def fit(self, x, y):
        self.inner_ = SVC().fit(x, y)
        self.classes_ = self.inner_.classes_
        return self

    def predict(self, x):
        return self.inner_.predict(x)


def test_an_estimator_of_the_users_own_trains_in_other_processes_as_before():
    probes.start()
    assert len(cross_val_score(Own(), X, Y, cv=3, n_jobs=2)) == 3
    assert done() == (3, FITS)
    assert pickle.loads(pickle.dumps(clone(Own()).fit(X, Y))).predict(X).shape == (120,)


def test_results_are_the_same_with_and_without():
    def fitted():
        return RandomForestClassifier(5, random_state=1).fit(X, Y).predict_proba(X).tolist()

    with_probe = fitted()
    probes.uninstall()
    assert fitted() == with_probe


def test_scikit_learn_is_put_back():
    import sklearn.base
    import sklearn.utils.parallel

    probes.uninstall()
    assert sklearn.base.config_context is sklearn.config_context
    assert sklearn.utils.parallel.Parallel.__call__.__module__ == "sklearn.utils.parallel"
    probes.start()
    PCA(2).fit(X)
    assert done() is None


def bar(*args, **options):
    return tqdm(*args, file=io.StringIO(), **options)


def test_only_the_outermost_bar_is_work(taken):
    probes.start()
    for _ in bar(range(5)):
        for _ in bar(range(100), leave=False):
            pass
    work = taken()
    assert (work.units, work.kind) == (5, LOOPS)


def test_bars_one_after_another_add_up():
    probes.start()
    for n in (3, 4):
        for _ in bar(range(n)):
            pass
    for _ in trange(2, file=io.StringIO()):
        pass
    assert done() == (9, LOOPS)


def test_a_loop_that_is_left_early_counts_what_it_did():
    probes.start()
    for i in bar(range(100)):
        if i == 6:
            break
    assert done() == (6, LOOPS)


def test_a_bar_moved_by_hand_over_two_cells_counts_in_each():
    probes.start()
    by_hand = bar(total=10)
    by_hand.update(4)
    assert probes.progress() == (4, 10)
    assert done() == (4, LOOPS)
    probes.start()
    assert probes.progress() is None
    by_hand.update(3)
    assert done() == (3, LOOPS)
    by_hand.close()
    assert done() == (3, LOOPS)


def test_a_bar_that_an_error_left_open_hides_no_later_bar():
    left = []
    probes.start()
    with pytest.raises(ZeroDivisionError):
        left.append(loop := iter(bar(range(10))))
        for i in loop:
            left.append(1 / i)
    probes.start()
    for _ in bar(range(4)):
        pass
    assert done() == (4, LOOPS)


def test_downloads_and_disabled_bars_are_no_work():
    probes.start()
    for _ in bar(range(5), disable=True):
        pass
    with bar(total=10**6, unit="B", unit_scale=True) as download:
        download.update(10**6)
    assert done() is None


def test_a_bar_begun_and_set_back_counts_its_own_steps_only():
    probes.start()
    with bar(total=10, initial=6) as resumed:
        resumed.update(4)
    assert done() == (4, LOOPS)
    probes.start()
    with bar(total=10) as again:
        again.update(10)
        probes.take()
        again.reset()
        again.update(2)
    assert done() == (12, LOOPS)


def test_the_notebooks_bar_counts_too():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm as auto
    probes.start()
    for _ in auto(range(3), file=io.StringIO()):
        pass
    assert done() == (3, LOOPS)


def test_tqdm_is_put_back():
    probes.uninstall()
    assert {name: vars(tqdm)[name] for name in PLAIN} == PLAIN
    probes.start()
    for _ in bar(range(3)):
        pass
    assert done() is None

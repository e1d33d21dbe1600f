"""A guess at a cell's phase of the model life cycle, from the functions that it calls."""

from __future__ import annotations

import re

from ipyfootprint.model import Phase

_CALL = re.compile(r"(?<!def )(?<!class )\b([^\W\d]\w*)[ \t]*\(")
_LOOP = re.compile(r"(?m)^[ \t]*for[ \t]+([\w, \t]+?)[ \t]+in\b")
_DEFINITION = re.compile(
    r"(?m)^([ \t]*)(?:async[ \t]+)?(?:def|class)[ \t].*(?:\n(?:\1[ \t]+.*|[ \t]*))*"
)
_COMMENT = re.compile(r"#[^\n]*")
_LONGEST = 50_000


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Ordered: a cell that trains and then scores is training; one that reads data and predicts
# is inference.
_CALLS: tuple[tuple[Phase, frozenset[str]], ...] = (
    (
        "tuning",
        _words(
            "GridSearchCV RandomizedSearchCV HalvingGridSearchCV HalvingRandomSearchCV "
            "BayesSearchCV OptunaSearchCV ParameterGrid ParameterSampler create_study "
            "hyperparameter_search Tuner fmin gp_minimize"
        ),
    ),
    (
        "training",
        _words(
            "fit partial_fit fit_generator train backward train_on_batch train_one_epoch "
            "train_model train_epoch fine_tune finetune"
        ),
    ),
    (
        "evaluation",
        _words(
            "score evaluate cross_val_score cross_validate accuracy_score f1_score "
            "roc_auc_score confusion_matrix classification_report r2_score "
            "mean_squared_error mean_absolute_error log_loss benchmark"
        ),
    ),
    (
        "inference",
        _words("predict predict_proba predict_on_batch generate pipeline infer"),
    ),
    (
        "data",
        _words(
            "read_csv read_parquet read_json read_sql read_excel load_dataset DataLoader "
            "train_test_split to_parquet to_csv merge dropna fillna fit_transform "
            "from_pretrained tokenize get_dummies urlretrieve loadtxt load_data"
        ),
    ),
    (
        "exploration",
        _words(
            "head tail describe value_counts info plot hist boxplot scatter imshow show "
            "heatmap pairplot corr nunique"
        ),
    ),
)
_TRAINS = _CALLS[1][1]
_KNOBS = _words(
    "lr alpha eta gamma c C depth max_depth n_estimators hidden width dropout lam l1 l2 k "
    "n_layers layers batch_size bs wd weight_decay params config cfg trial momentum hp "
    "learning_rate degree n_neighbors units"
)


def phase_of(source: str) -> Phase | None:
    """The phase that a cell's calls speak of, or None; a definition alone calls nothing.

    A loop over a hyper-parameter (`for lr in ...`, `for a, b in product(...)`) around a
    training call is tuning.
    """
    text = _DEFINITION.sub("", _COMMENT.sub("", source[:_LONGEST]))
    called = frozenset(_CALL.findall(text))
    if called & _TRAINS:
        loops = {name.strip() for names in _LOOP.findall(text) for name in names.split(",")}
        if loops & _KNOBS or (loops and "product" in called):
            return "tuning"
    return next((phase for phase, names in _CALLS if called & names), None)

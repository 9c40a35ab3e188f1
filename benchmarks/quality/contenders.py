"""Who takes part: a name, the function that answers, and the packages that it needs."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["ours", "reference", "peer"]


@dataclass(frozen=True)
class Contender:
    """``function`` is ``module:name`` below benchmarks.quality; it takes a Problem and an Effort and gives an Answer.

    ``needs`` are the modules that are imported before the clock starts. ``budgeted`` ones are told how long.
    """

    name: str
    label: str
    function: str
    needs: tuple[str, ...] = ("pandas",)
    budgeted: bool = False
    kind: Kind = "peer"


_ALL = (
    Contender("whylead", "whylead", "ours:whylead", ("models.learning.learner",), True, "ours"),
    Contender("base_rate", "base rate", "peers.plain:base_rate", (), kind="reference"),
    Contender("logistic_regression", "logistic regression", "peers.plain:logistic_regression", ("pandas", "sklearn")),
    Contender(
        "logistic_cv", "logistic regression, cross-validated", "peers.plain:logistic_cv",
        ("pandas", "sklearn", "sklearn.model_selection"),
    ),
    Contender("naive_bayes", "naive Bayes", "peers.plain:naive_bayes", ("pandas", "sklearn")),
    Contender("random_forest", "random forest", "peers.trees:random_forest", ("pandas", "sklearn.ensemble")),
    Contender("hist_boosting", "HistGradientBoosting", "peers.trees:hist_boosting", ("pandas", "sklearn.ensemble")),
    Contender("lightgbm_default", "LightGBM default", "peers.trees:lightgbm_default", ("pandas", "lightgbm")),
    Contender("lightgbm_small", "LightGBM small", "peers.trees:lightgbm_small", ("pandas", "lightgbm")),
    Contender("xgboost", "XGBoost", "peers.trees:xgboost", ("pandas", "xgboost")),
    Contender("catboost", "CatBoost", "peers.trees:catboost", ("pandas", "catboost")),
    Contender("ebm", "EBM", "peers.trees:ebm", ("pandas", "interpret.glassbox")),
    Contender(
        "blend", "blend of four", "peers.blend:blend", ("pandas", "sklearn.ensemble", "lightgbm", "catboost"),
    ),
    Contender("realmlp", "RealMLP", "peers.neural:realmlp", ("pandas", "torch", "pytabkit")),
    Contender("tabm", "TabM", "peers.neural:tabm", ("pandas", "torch", "pytabkit")),
    Contender(
        "lightgbm_tuned", "LightGBM tuned and calibrated", "peers.tuned:lightgbm_tuned",
        ("pandas", "sklearn.model_selection", "lightgbm", "optuna"), True,
    ),
    Contender(
        "catboost_tuned", "CatBoost tuned and calibrated", "peers.tuned:catboost_tuned",
        ("pandas", "sklearn.model_selection", "catboost", "optuna"), True,
    ),
    Contender("flaml", "FLAML", "peers.automl:flaml", ("pandas", "flaml.automl"), True),
    Contender("autogluon", "AutoGluon", "peers.automl:autogluon", ("pandas", "autogluon.tabular"), True),
    Contender(
        "autogluon_best", "AutoGluon best quality", "peers.automl:autogluon_best",
        ("pandas", "torch", "autogluon.tabular"), True,
    ),
    Contender(
        "autogluon_newest", "AutoGluon newest portfolio", "peers.automl:autogluon_newest",
        ("pandas", "torch", "autogluon.tabular"), True,
    ),
)  # fmt: skip
CONTENDERS = {each.name: each for each in _ALL}

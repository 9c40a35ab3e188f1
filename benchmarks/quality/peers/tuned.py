"""LightGBM and CatBoost, tuned for a time and calibrated."""

from typing import TYPE_CHECKING, Any

from benchmarks.quality.answer import Answer, Effort
from benchmarks.quality.peers.frames import as_text, frame
from benchmarks.quality.peers.tuning import Margin, tuned
from benchmarks.quality.problem import Problem
from features.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd
    from optuna.trial import Trial

PATIENCE, MOST_TREES = 50, 3000


def lightgbm_tuned(problem: Problem, effort: Effort) -> Answer:
    """LightGBM."""
    return tuned(_LightGBM(), problem, effort)


def catboost_tuned(problem: Problem, effort: Effort) -> Answer:
    """CatBoost; a missing category is a level."""
    return tuned(_CatBoost(), problem, effort)


class _LightGBM:
    first: dict[str, Any] = {  # noqa: RUF012 - nobody changes it
        "learning_rate": 0.05, "num_leaves": 7, "min_child_samples": 20, "reg_lambda": 1.0, "colsample_bytree": 0.8,
        "subsample": 0.8, "cat_smooth": 10.0,
    }  # fmt: skip

    def settings(self, trial: "Trial", effort: Effort) -> dict[str, Any]:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.2, log=True),
            "num_leaves": trial.suggest_int("num_leaves", 3, 63, log=True),
            "min_child_samples": trial.suggest_int("min_child_samples", 5, 200, log=True),
            "reg_lambda": trial.suggest_float("reg_lambda", 1e-3, 100, log=True),
            "colsample_bytree": trial.suggest_float("colsample_bytree", 0.3, 1.0),
            "subsample": trial.suggest_float("subsample", 0.5, 1.0),
            "subsample_freq": 1,
            "cat_smooth": trial.suggest_float("cat_smooth", 1.0, 100.0, log=True),
            "n_jobs": effort.threads,
            "random_state": effort.seed,
            "verbosity": -1,
        }

    def columns(self, X: Floats, problem: Problem) -> "pd.DataFrame":
        return frame(X, problem.features)

    def stopped(
        self, settings: dict[str, Any], learned: "pd.DataFrame", y: Floats, held: "pd.DataFrame", y_held: Floats
    ) -> tuple[Floats, int]:
        import lightgbm

        model = lightgbm.LGBMClassifier(**settings, n_estimators=MOST_TREES)
        model.fit(
            learned, y, eval_X=held, eval_y=y_held, eval_metric="binary_logloss",
            callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
        )  # fmt: skip
        return model.predict(held, raw_score=True), int(model.best_iteration_)

    def learned(self, settings: dict[str, Any], trees: int, given: "pd.DataFrame", y: Floats) -> Margin:
        from lightgbm import LGBMClassifier

        model = LGBMClassifier(**settings, n_estimators=trees).fit(given, y)
        return lambda asked: model.predict(asked, raw_score=True)


class _CatBoost:
    first: dict[str, Any] = {  # noqa: RUF012 - nobody changes it
        "learning_rate": 0.08, "depth": 6, "l2_leaf_reg": 3.0, "random_strength": 1.0, "bagging_temperature": 1.0,
    }  # fmt: skip

    def settings(self, trial: "Trial", effort: Effort) -> dict[str, Any]:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.2, log=True),
            "depth": trial.suggest_int("depth", 3, 9),
            "l2_leaf_reg": trial.suggest_float("l2_leaf_reg", 0.5, 50, log=True),
            "random_strength": trial.suggest_float("random_strength", 0.1, 10, log=True),
            "bagging_temperature": trial.suggest_float("bagging_temperature", 0.0, 2.0),
            "random_seed": effort.seed,
            "thread_count": effort.threads,
            "verbose": False,
            "allow_writing_files": False,
        }

    def columns(self, X: Floats, problem: Problem) -> "pd.DataFrame":
        return as_text(frame(X, problem.features))

    def stopped(
        self, settings: dict[str, Any], learned: "pd.DataFrame", y: Floats, held: "pd.DataFrame", y_held: Floats
    ) -> tuple[Floats, int]:
        from catboost import CatBoostClassifier, Pool

        names = _texts(learned)
        model = CatBoostClassifier(**settings, iterations=MOST_TREES, early_stopping_rounds=PATIENCE)
        model.fit(learned, y, cat_features=names, eval_set=Pool(held, y_held, cat_features=names))
        return model.predict(held, prediction_type="RawFormulaVal"), int(model.tree_count_)

    def learned(self, settings: dict[str, Any], trees: int, given: "pd.DataFrame", y: Floats) -> Margin:
        from catboost import CatBoostClassifier

        model = CatBoostClassifier(**settings, iterations=trees).fit(given, y, cat_features=_texts(given))
        return lambda asked: model.predict(asked, prediction_type="RawFormulaVal")


def _texts(given: "pd.DataFrame") -> list[str]:
    return [str(name) for name in given.select_dtypes(exclude="number").columns]

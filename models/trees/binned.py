"""A sample as LightGBM sees it: categories encoded, numbers in bins. Made once for every setting of an encoding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from features.arrays import Floats
from models.samples.sample import Sample
from models.trees.rewriting import name_missing, with_sets
from models.trees.target_statistics import Encoded, encode

if TYPE_CHECKING:
    from lightgbm import Booster as LightGBMBooster
    from lightgbm import Dataset
else:
    LightGBMBooster: TypeAlias = Any
    Dataset: TypeAlias = Any

Codes = Literal["codes", "target"]


@dataclass(frozen=True)
class BinnedSample:
    """Rows in LightGBM's bins; ``tables`` and ``missing`` say how codes became numbers (rewriting.py).

    LightGBM keeps the offset in its data set, so rows with another offset are another binned sample.
    """

    data: Dataset
    tables: Mapping[int, Floats]
    missing: Mapping[int, int]

    @classmethod
    def of(cls, sample: Sample, codes: Codes, seed: int, offset: Floats | None = None) -> "BinnedSample":
        """The sample's rows and weights, categories by their codes or by target statistics of folds of this seed.

        ``offset`` (n,) is a margin that is known already: trees learn what is to be added to it.
        """
        import lightgbm

        encoded = encode(sample, seed) if codes == "target" else Encoded(sample.X, {})
        by_code = [column for column in sample.categorical if column not in encoded.tables]
        X, missing = name_missing(sample, encoded.X, by_code)
        data = lightgbm.Dataset(
            X,
            sample.y,
            weight=sample.weight,
            init_score=offset,
            categorical_feature=by_code,
            # What a setting of the trees may change must not be decided while binning.
            params={"verbosity": -1, "max_bin": 255, "num_threads": 1, "feature_pre_filter": False},
            free_raw_data=True,
        )
        return cls(data.construct(), encoded.tables, missing)

    def encode(self, X: Floats) -> Floats:
        """X (n, features) of other rows as the trees over these bins read it, before they are rewritten."""
        if not self.tables and not self.missing:
            return X
        encoded = X.copy()
        for column, table in self.tables.items():
            code = np.where(np.isnan(X[:, column]), len(table) - 1, X[:, column]).astype(np.int64)
            encoded[:, column] = table[code]
        for column, code_of_missing in self.missing.items():
            encoded[np.isnan(X[:, column]), column] = code_of_missing
        return encoded

    def over_codes(self, trained: LightGBMBooster) -> LightGBMBooster:
        """Trees grown over these bins as trees over the codes of the feature matrix."""
        import lightgbm

        if not self.tables and not self.missing:
            return trained
        return lightgbm.Booster(model_str=with_sets(trained.model_to_string(), self.tables, self.missing))

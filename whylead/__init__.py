"""Predictive lead scoring from a company's own won and lost deals: what others may import (docs/python.md).

>>> import whylead
>>> data = whylead.import_export("simulated", "workspace/source", "workspace")  # doctest: +SKIP
>>> model = whylead.fit(data, budget_seconds=60)  # doctest: +SKIP
>>> model.evaluate().verdict  # doctest: +SKIP
'This model has skill: it finds 44% of the buyers in the top 10% of the leads ...'
"""

from importlib.metadata import version

from data_contracts.errors import WhyleadError
from whylead.data import Data, draft_mapping, import_export, open_data
from whylead.model import Model, fit, load

__version__ = version("whylead")
__all__ = [
    "Data",
    "Model",
    "WhyleadError",
    "__version__",
    "draft_mapping",
    "fit",
    "import_export",
    "load",
    "open_data",
]

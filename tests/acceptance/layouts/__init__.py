"""The layouts: how each system writes its export, by the name of its hand-made mapping."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from tests.acceptance.layouts import history, international, microsoft, national, salesforce, small_business

Writer: TypeAlias = Callable[[pd.DataFrame, Path], None]  # leads (rows of tests.acceptance.company) into a directory

LAYOUTS: dict[str, Writer] = {
    "hubspot": international.hubspot,
    "pipedrive": international.pipedrive,
    "zoho": international.zoho,
    "salesforce-report": salesforce.report,
    "salesforce-data-export": salesforce.data_export,
    "dynamics-opportunities": microsoft.opportunities,
    "dynamics-leads": microsoft.leads,
    "odoo": small_business.odoo,
    "suitecrm": small_business.suitecrm,
    "bitrix24": small_business.bitrix24,
    "german": national.german,
    "brazilian": national.brazilian,
    "russian": national.russian,
    "japanese": national.japanese,
    "stage-history": history.stages,
}

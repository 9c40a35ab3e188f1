"""What people call a signal of the model."""

from features.feature import Feature
from features.phrases import phrasebook
from pipelines.pages.texts import Texts


def signal_name(feature: Feature, say: Texts) -> str:
    """The name of the feature's signal; the label that the company gave it where it is a column of its own."""
    name = _about_anything(feature, say)
    if feature.about != "anything":
        name = say(f"about.{feature.about}", signal=name)
    return name[:1].upper() + name[1:]


def _about_anything(feature: Feature, say: Texts) -> str:
    if feature.phrase.startswith("attribute_"):
        return phrasebook(say.language).label(feature) or feature.signal
    of_others = feature.phrase.startswith("account_") and feature.activity
    own = say.get("signals", f"account.{feature.activity}" if of_others else feature.activity or feature.signal)
    if own or not feature.activity:
        return own or feature.label or feature.signal
    activity = feature.activity.replace("_", " ")
    return say("of_others", signal=activity) if of_others else activity

"""The evaluate stage: how good the model is on leads that it has not seen."""

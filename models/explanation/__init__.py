"""From SHAP values to points of probability and to reasons in plain words."""

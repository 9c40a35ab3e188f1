"""From SHAP values to percentage points and to reasons in plain words."""

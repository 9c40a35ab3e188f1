"""Exact SHAP values of trees, read from tables of whole subtrees."""

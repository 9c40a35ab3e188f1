"""Boosted trees: grown by LightGBM, kept in its text format."""

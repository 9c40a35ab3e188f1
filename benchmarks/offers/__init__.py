"""Offers as what leads and activities are about: a simulated export, and its features against hand-made counts."""

"""Logistic terms: fitted under bounds, stored as numbers."""

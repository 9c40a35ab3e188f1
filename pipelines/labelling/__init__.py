"""Labelling: which moments of which leads are learned from, what became of them, and which leads cannot be used."""

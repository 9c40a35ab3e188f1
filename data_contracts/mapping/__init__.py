"""The mapping: how an export becomes the canonical tables."""

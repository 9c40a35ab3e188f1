"""From the files of an export to the canonical tables."""

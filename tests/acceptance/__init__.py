"""Exports as CRMs really write them, of a simulated company: what `whylead map` makes of each, untouched."""

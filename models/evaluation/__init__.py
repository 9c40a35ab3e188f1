"""How good probabilities are: metrics with intervals, curves, and what they are compared with."""

"""A simulated B2B company whose true probabilities of winning are known exactly (docs/simulator.md)."""

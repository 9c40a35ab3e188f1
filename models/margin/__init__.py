"""What a stored model computes: a weighted sum of components in log-odds."""

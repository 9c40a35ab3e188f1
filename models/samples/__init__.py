"""Training rows, folds of them, and what was held out."""

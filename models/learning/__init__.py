"""The learner: from training rows to a stacked, calibrated model."""

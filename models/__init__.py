"""Learning, calibration, explanation, reasons, policy, artifact and registry."""

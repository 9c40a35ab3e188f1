"""Snapshots of leads, what became of them, and which are for training and which for testing."""

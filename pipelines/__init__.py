"""The batch way in: command line and DVC stages."""

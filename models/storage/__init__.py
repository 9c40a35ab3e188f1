"""The artifact: a model as a directory of text and JSON, and the registry of such artifacts."""

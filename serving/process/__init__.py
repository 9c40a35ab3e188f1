"""Worker processes and their log."""

"""Speed and quality against what a user could pick instead, measured in one run."""

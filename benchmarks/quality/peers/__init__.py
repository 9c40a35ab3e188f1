"""What a user could pick instead. Each is told categories and missing values in the way it likes best.

Settings are the packages' own wherever the name does not say otherwise. Every lead has one row in these tasks, so the
weights are all 1 and nobody is told them.
"""

"""Quality on real lead data: whylead against nineteen peers, every one on the same rows and features.

Needs the data sets that WHYLEAD_DATA points at (default ../shared/data). The peers live in an environment of their own
(``make bench-quality`` installs it), so what they import of ours is kept to NumPy: ``problem``, ``answer``, ``peers``.
"""

"""One small file per group of addresses: parse, call, present."""

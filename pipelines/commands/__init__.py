"""One small file per command: parse, call the library, show the result."""

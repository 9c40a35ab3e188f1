"""Tables and a moment in, numbers out. The only place where time is compared."""

"""How many files, and so connections, this process may have open."""

import sys

RESERVED = 100  # for everything that is not a connection
ENOUGH = 20_000


def most_connections() -> int:
    """The connections that this process may have at once, after it has asked for as many as it may get."""
    if sys.platform == "win32":
        return ENOUGH
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH + RESERVED
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(wanted - RESERVED, RESERVED)

"""Sockets that listen: one for each process behind a port, and how to turn away new clients but none that came."""

import ctypes
import os
import socket
import struct
import sys
from contextlib import suppress

from data_contracts.errors import ParamsError

# Other systems have SO_REUSEPORT too and give every connection to one of the sockets.
DEALS_OUT = sys.platform == "linux"
_SO_ATTACH_FILTER = 26
# In the system's packet filter language: a packet that asks for a connection (SYN) is dropped, any other passes.
_NO_SYN = b"".join(
    struct.pack("HBBI", *step)
    for step in (
        (0x30, 0, 0, 13),  # load the byte of TCP's flags
        (0x45, 0, 1, 0x02),  # is SYN among them?
        (0x06, 0, 0, 0),  # drop
        (0x06, 0, 0, 0xFFFFFFFF),  # pass
    )
)


def reserve(host: str, port: int, count: int) -> list[socket.socket]:
    """Sockets of one port that no other process has, and of a free one for port 0; none listens yet.

    Raises ParamsError if another process has it.
    """
    with _bound(host, port, shared=False) as alone:
        port = alone.getsockname()[1]
    return [_bound(host, port, shared=True) for _ in range(count)]


def see_that_it_is_free(host: str, port: int) -> None:
    """Raises ParamsError if another process has the port."""
    _bound(host, port, shared=False).close()


def turn_away(descriptor: int) -> None:
    """Let a listening socket take no new connection; those that the system has taken still come in.

    Closing it at once would break off what its queue holds, requests that clients have sent already. Whoever asks for
    a connection meanwhile asks again after a second, by itself, and then finds the next server or none.
    """
    program = ctypes.create_string_buffer(_NO_SYN)
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as listening:
        if DEALS_OUT:
            pointer = struct.pack("HP", len(_NO_SYN) // 8, ctypes.addressof(program))
            listening.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, pointer)


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise ParamsError(
            f"The server cannot listen on {host}, port {port}: {error.strerror}.",
            hint="--port 0 takes a free port. Or choose another --host or --port (WHYLEAD_HOST, WHYLEAD_PORT).",
        ) from error
    return bound

"""Writes bytes onto the wire that are no frames: noise, enormous lengths, bottomless nesting."""

# wants: class
# answers: wrong
# stock: graded

# %% last
import gc
import os
import socket
import struct

wires = [s for s in gc.get_objects() if isinstance(s, socket.socket) and s.family == socket.AF_UNIX]
for sock in wires:
    for data in (
        struct.pack(">I", 10**6) + b"\x91" * 10**6,
        struct.pack(">I", 5) + b"\xdf\xff\xff\xff\xff",
        struct.pack(">I", 0),
        os.urandom(10**5),
        struct.pack(">I", 2**32 - 1) + b"\x00" * 10**6,
    ):
        try:
            sock.sendall(data)
        except OSError:
            pass

"""Keeps memory, messages and semaphores in the kernel, beyond the life of its processes."""

# wants: students
# answers: wrong
# stock: graded

# %% last
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
for key in range(0x7077, 0x7080):
    memory = libc.shmget(key, 1 << 20, 0o1666)
    queue = libc.msgget(key, 0o1666)
    libc.semget(key, 10, 0o1666)
    if memory >= 0:
        address = libc.shmat(memory, None, 0)
        if address not in (None, 2**64 - 1):
            ctypes.memmove(address, b"left-77d5e0", 11)
    print(memory, queue, os.strerror(ctypes.get_errno()))

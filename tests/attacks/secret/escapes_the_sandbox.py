"""Tries the calls by which sandboxes are left: namespaces, mounts, handles of files, tracing, keys,
chroot."""

# wants: secret
# answers: wrong
# stock: graded

# %% last
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
said = []


def call(name, *args):
    ctypes.set_errno(0)
    said.append((name, libc.syscall(*args), os.strerror(ctypes.get_errno())))


call("unshare a user", 272, 0x10000000)
call("unshare mounts", 272, 0x00020000)
call("mount", 165, b"none", b"/tmp", b"tmpfs", 0, 0)
call("umount", 166, b"/tmp", 2)
call("pivot_root", 155, b"/", b"/tmp")
call("chroot", 161, b"/proc/1/root")
call("ptrace", 101, 16, os.getppid(), 0, 0)
call("process_vm_readv", 310, os.getppid(), 0, 0, 0, 0, 0)
call("open_by_handle_at", 304, -100, 0, 0)
call("keyctl", 250, 0, -3, 0)
call("add_key", 248, b"user", b"pwned-by-a-student", b"x", 1, -3)
call("bpf", 321, 0, 0, 0)
call("io_uring_setup", 425, 8, 0)
call("userfaultfd", 323, 0)
call("perf_event_open", 298, 0, 0, -1, -1, 0)
call("setns", 308, os.open("/proc/self/ns/net", os.O_RDONLY), 0)
call("setuid", 105, 0)
call("capset", 126, 0, 0)
call("pidfd_getfd", 438, 3, 3, 0)
for path in ("/proc/1/root", "/proc/1/root/root", "/proc/sys/kernel/core_pattern", "/dev/kmsg", "/dev/mem", "/sys/fs/cgroup"):
    try:
        said.append((path, os.listdir(path) if os.path.isdir(path) else open(path, "r+").read(10)))
    except OSError as error:
        said.append((path, error.strerror))
print(said)

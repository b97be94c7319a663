"""What a notebook can't see, change or reach."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from shut_in import ORDINARY, ROOT

import curriculum

pytestmark = pytest.mark.sandbox
OWN_WORLD = pytest.mark.levels("namespaces", "bubblewrap")


def test_it_runs_what_it_is_given(notebook):
    def inside():
        import os

        return [os.getcwd(), open("data/a.csv").read(), sorted(os.listdir())]

    ended = notebook.run(inside, files={"data/a.csv": "1,2\n", "b.txt": "b"})
    assert ended.answer == [notebook.plan.scratch, "1,2\n", ["b.txt", "data"]]


def test_it_is_nobody_and_has_no_rights(notebook):
    def inside():
        import os
        from pathlib import Path

        status = Path("/proc/self/status").read_text()
        return {
            **dict(line.split(":\t", 1) for line in status.splitlines() if "\t" in line),
            "root again": refused(os.setuid, 0),  # noqa: F821
            "owner": refused(os.chown, ".", 0, 0),  # noqa: F821
            "groups": os.getgroups(),
        }

    said = notebook.run(inside).answer
    names = ["CapEff", "CapPrm", "CapInh", "CapAmb"]
    if (notebook.level, notebook.user) != ("layers", "ordinary"):
        names.append("CapBnd")  # an ordinary user can't take it from its own programs
    assert {said[name] for name in names} == {"0" * 16}
    assert (said["NoNewPrivs"], said["Seccomp"]) == ("1", "2")
    assert "0" not in said["Uid"].split() + said["Gid"].split()
    # There is no root in a user namespace of one user.
    assert {said["root again"], said["owner"]} <= {"EPERM", "EINVAL"}
    assert 0 not in said["groups"]


def test_there_is_no_network(notebook):
    def inside(name):
        import os
        import socket

        kinds = ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG")
        tried = {
            kind: refused(socket.socket, getattr(socket, kind))  # noqa: F821
            for kind in kinds
        }
        local = socket.socket(socket.AF_UNIX)
        tried["abstract"] = refused(local.connect, name)  # noqa: F821
        try:
            socket.create_connection(("127.0.0.1", 9), timeout=2)
        except OSError as error:
            tried["loopback"] = type(error).__name__
        try:
            tried["namespace"] = os.readlink("/proc/self/ns/net")
        except OSError as error:
            tried["namespace"] = str(error)
        return tried

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0curriculum-{os.getpid()}")
        server.listen()
        tried = notebook.run(inside, f"\0curriculum-{os.getpid()}").answer
    same = tried.pop("namespace") == os.readlink("/proc/self/ns/net")
    assert same == (notebook.level == "layers")
    assert tried.pop("abstract") in ("ECONNREFUSED", "EPERM")
    assert tried.pop("loopback") == "PermissionError"
    assert set(tried.values()) == {"EPERM"}


def test_programs_outside_can_t_be_spoken_to(notebook):
    def inside(path):
        import socket

        talk, post = socket.socket(socket.AF_UNIX), socket.socketpair()[0]
        return [refused(talk.connect, path), refused(post.sendto, b"!", path)]  # noqa: F821

    path = f"/tmp/curriculum-test-{os.getpid()}.socket"
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
            Path(path).chmod(0o777)
            server.listen()
            tried = notebook.run(inside, path).answer
    finally:
        Path(path).unlink()
    assert tried[0] in ("ENOENT", "EPERM", "EACCES")
    assert tried[1] is not None


@pytest.fixture
def secrets():
    """Make a folder of an instructor's, readable by everybody: only the sandbox can hide it."""
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="course-", dir="/var/tmp"))
    folder.chmod(0o755)
    for name in ("gradebook.db", "source/topic/2_build.py", "submitted/bob/topic/2_build.ipynb"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("secret")
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, ORDINARY, ORDINARY)
    yield folder
    shutil.rmtree(folder)


def test_files_outside_are_not_seen(notebook, secrets):
    def inside(paths):
        import os

        seen = []
        for path in paths:
            for look in (open, os.listdir, os.readlink):
                if refused(look, path) not in ("ENOENT", "EACCES", "ENOTDIR", "EINVAL"):  # noqa: F821
                    seen.append(path)
        return seen

    paths = [str(path) for path in secrets.rglob("*")]
    paths += [
        str(ROOT / "nbgrader_config.py"),
        str(ROOT / "source"),
        str(ROOT / "tests" / "course.py"),
    ]
    paths += ["/etc/shadow", "/etc/sudoers", "/root/.bashrc", str(Path.home() / ".ssh")]
    paths += ["/var/log", "/var/lib", "/run", "/boot", "/proc/1/root/etc/shadow"]
    for topic in (ROOT / "source").iterdir():
        paths += [str(path) for path in topic.glob("*.py")]
    assert notebook.run(inside, paths).answer == []


@OWN_WORLD
def test_not_even_the_names_of_files_outside_are_seen(notebook, secrets):
    def inside(path):
        import os

        return [
            os.path.lexists(path),
            os.path.lexists("/etc/shadow"),
            os.path.lexists("/root/.bashrc"),
        ]

    assert notebook.run(inside, str(secrets)).answer == [False] * 3


def test_nothing_can_be_written_outside(notebook, secrets):
    def inside(folders, files):
        import os

        done = []
        for folder in folders:
            target = f"{folder}/made-by-a-notebook"
            for attempt in (
                (open, target, "w"),
                (os.mkdir, target),
                (os.symlink, "/etc/passwd", target),
                (os.mkfifo, target),
                (os.link, "data.csv", target),
                (os.rename, "data.csv", target),
            ):
                if refused(*attempt) is None:  # noqa: F821
                    done.append(target)
        for file in files:
            for attempt in (
                (open, file, "a"),
                (open, file, "w"),
                (os.truncate, file, 0),
                (os.unlink, file),
                (os.rename, file, "mine"),
                (os.open, file, os.O_RDONLY | os.O_TRUNC),
                (os.open, file, os.O_RDWR),
                (os.setxattr, file, "user.mine", b"1"),
            ):
                if refused(*attempt) is None:  # noqa: F821
                    done.append(file)
        return done

    folders = ["/", "/etc", "/usr", "/usr/local/lib", "/var/tmp", "/home", "/dev", "/proc", "/sys"]
    site = next(path for path in sys.path if path.endswith("site-packages"))
    package = Path(curriculum.__file__).parent
    folders += [
        site,
        sys.prefix,
        sys.base_prefix,
        str(package),
        str(package / "grading"),
        str(secrets),
    ]
    files = [f"{site}/numpy/__init__.py", curriculum.__file__, sys.executable, "/usr/bin/ls"]
    files += [str(path) for path in secrets.rglob("*") if path.is_file()]
    assert notebook.run(inside, folders, files, files={"data.csv": "1"}).answer == []


def test_rights_to_files_outside_can_t_be_changed(notebook, secrets):
    def inside(file):
        import os

        refused(os.chmod, file, 0o777)  # noqa: F821
        refused(os.utime, file, (0, 0))  # noqa: F821
        refused(os.chown, file, os.getuid(), -1)  # noqa: F821

    file = secrets / "gradebook.db"
    before = file.stat()
    notebook.run(inside, str(file))
    after = file.stat()
    assert (after.st_mode, after.st_mtime, after.st_uid) == (
        before.st_mode,
        before.st_mtime,
        before.st_uid,
    )


def test_its_own_folders_can_be_written_to(notebook):
    def inside():
        import os
        import tempfile

        with tempfile.NamedTemporaryFile("w") as file:
            file.write("x")
        os.makedirs("a/b")
        with open("a/b/c", "w") as file:
            file.write("x")
        os.rename("a/b/c", "c")
        with open(os.path.expanduser("~/.profile"), "w") as file:
            file.write("x")
        os.symlink("c", "d")
        os.mkfifo("e")
        return sorted(os.listdir())

    assert notebook.run(inside).answer == ["a", "c", "d", "e"]


def test_other_processes_are_not_seen(notebook):
    def inside(pids):
        import os
        from pathlib import Path

        seen, links = [], ("cwd", "root")
        for pid in pids:
            for name in ("environ", "maps", "smaps", "fd/0", "cwd", "root"):
                path = f"/proc/{pid}/{name}"
                try:
                    found = os.readlink(path) if name in links else Path(path).read_bytes()
                except OSError:
                    continue
                if found and pid != os.getpid():
                    seen.append(path)
        return seen

    pids = [1, 2, 3, 4, os.getpid(), os.getppid()]
    pids += [int(name) for name in os.listdir("/proc") if name.isdecimal()][-30:]
    assert notebook.run(inside, pids).answer == []


@pytest.mark.levels("namespaces")
def test_it_has_a_world_of_processes_of_its_own(notebook):
    def inside():
        import os

        return [os.getpid(), sorted(int(name) for name in os.listdir("/proc") if name.isdecimal())]

    assert notebook.run(inside).answer == [2, [1, 2]]


def test_the_environment_is_cleared(notebook):
    def inside():
        import os
        import posix
        import subprocess
        from pathlib import Path

        shown = subprocess.run(["env"], capture_output=True, text=True).stdout
        kept = Path("/proc/self/environ").read_text() + str(posix.environ) + shown
        return [dict(os.environ), kept]

    environment, kept = notebook.run(inside, environment={"NBGRADER_EXECUTION": "autograde"}).answer
    assert environment == {**notebook.plan.environment, "NBGRADER_EXECUTION": "autograde"}
    assert "hunter2" not in kept


def test_what_makes_new_worlds_is_refused(notebook):
    def inside():
        import ctypes
        import errno

        libc = ctypes.CDLL(None, use_errno=True)

        def call(name, *arguments):
            result = getattr(libc, name)(*arguments)
            return errno.errorcode[ctypes.get_errno()] if result < 0 else "done"

        remount = 32 | 4096
        return {
            "remount": call("mount", b"none", b"/usr", None, ctypes.c_ulong(remount), None),
            "mount": call("mount", b"none", b"/tmp", b"tmpfs", ctypes.c_ulong(0), None),
            "umount": call("umount2", b"/tmp", 2),
            "user": call("unshare", 0x10000000),
            "files": call("unshare", 0x00020000),
            "setns": call("setns", 0, 0),
            "chroot": call("chroot", b"/"),
            "trace": call("ptrace", 0, 0, 0, 0),
            "attach": call("ptrace", 16, 1, 0, 0),
            "persona": call("personality", 0x0040000),
        }

    assert set(notebook.run(inside).answer.values()) == {"EPERM"}


def test_every_call_of_the_list_is_refused(notebook):
    import pyseccomp

    from curriculum.sandbox import kernel, seccomp

    def inside(numbers):
        import ctypes
        import errno

        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall.restype = ctypes.c_long
        bad = ctypes.c_long(-1)
        said = {}
        for name, number, first in numbers:
            if libc.syscall(ctypes.c_long(number), ctypes.c_long(first), bad, bad, bad, bad) >= 0:
                said[name] = "done"
            else:
                said[name] = errno.errorcode[ctypes.get_errno()]
        return said

    names = seccomp._REFUSED.split() + list(seccomp._ABSENT)
    numbers = [(name, pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name), -1) for name in names]
    numbers += [(name, n, -1) for name, n in seccomp._NUMBERS.items() if name in names]
    clone = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, "clone")
    numbers += [(f"clone {flag:x}", clone, flag | 17) for flag in seccomp._NEW_NAMESPACES]
    numbers = [one for one in numbers if one[1] >= 0]
    said = notebook.run(inside, numbers).answer
    assert {said.pop(name) for name in seccomp._ABSENT if name in said} == {"ENOSYS"}
    assert {name: error for name, error in said.items() if error != "EPERM"} == {}
    assert len(said) > 60 and kernel.known_machine()


def test_devices_of_the_machine_are_out_of_reach(notebook):
    def inside(names):
        import os
        import stat

        opened = [name for name in names if refused(os.open, name, os.O_RDONLY) is None]  # noqa: F821
        device = os.makedev(1, 1)
        return [opened, refused(os.mknod, "memory", stat.S_IFCHR | 0o666, device)]  # noqa: F821

    ordinary = {"null", "zero", "full", "random", "urandom", "tty", "ptmx"}
    names = [str(path) for path in Path("/dev").iterdir() if path.name not in ordinary]
    names = [name for name in names if not Path(name).is_dir() and not Path(name).is_symlink()]
    assert notebook.run(inside, names).answer in ([[], "EPERM"], [[], "EACCES"])


def test_signals_reach_nobody_outside(notebook):
    def inside(pids):
        import os
        import signal

        for pid in (1, os.getppid(), *pids):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
                if pid not in (0, os.getpid()):
                    refused(os.kill, pid, number)  # noqa: F821
        refused(os.kill, -1, signal.SIGTERM)  # noqa: F821
        return "alive"

    user = {} if os.geteuid() else {"user": ORDINARY if notebook.user == "ordinary" else None}
    bystander = subprocess.Popen(["sleep", "1000"], **user)
    try:
        pids = [os.getpid(), bystander.pid, os.getppid()]
        assert notebook.run(inside, pids).answer == "alive"
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@OWN_WORLD
def test_shared_memory_of_the_machine_is_not_seen(notebook):
    def inside(name):
        import os

        worlds = [os.readlink(f"/proc/self/ns/{kind}") for kind in ("ipc", "uts", "mnt", "pid")]
        return [os.path.lexists(name), worlds]

    theirs = Path(f"/dev/shm/curriculum-{os.getpid()}")
    theirs.write_text("secret")
    try:
        seen, worlds = notebook.run(inside, str(theirs)).answer
    finally:
        theirs.unlink()
    ours = [os.readlink(f"/proc/self/ns/{kind}") for kind in ("ipc", "uts", "mnt", "pid")]
    assert not seen
    assert not set(worlds) & set(ours)


def test_no_descriptor_of_the_parent_is_left(notebook):
    def inside():
        import os

        return sorted(int(name) for name in os.listdir("/proc/self/fd"))

    # The listing itself has one.
    assert notebook.run(inside).answer in ([0, 1, 2], [0, 1, 2, 3])

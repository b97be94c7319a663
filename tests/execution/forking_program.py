"""A process that has imported much, used IPython and ZeroMQ itself, and then forks a kernel.

`python forking_program.py ASKED WIRE COMPLAINTS`, with a plan and limits as JSON, and descriptors.
"""

import json
import os
import socket
import sys

import matplotlib.pyplot as plt  # noqa: F401
import numpy as np
import zmq
from ipykernel.ipkernel import IPythonKernel  # noqa: F401
from IPython.core.interactiveshell import InteractiveShell

from curriculum.execution import kernels_inside
from curriculum.sandbox import confine
from curriculum.sandbox.limits import Limits
from curriculum.sandbox.plan import Plan


def main(asked, wire, complaints):
    plain = json.loads(asked)
    plan, limits = Plan.from_dict(plain["plan"]), Limits.from_dict(plain["limits"])
    InteractiveShell.instance().user_ns["inherited"] = 1
    zmq.Context.instance()
    np.random.seed(0)  # noqa: NPY002
    pid = os.fork()
    if pid == 0:
        keep = [1, 2, wire]
        confine.confine(plan, limits, files={}, keep=keep, complaints=complaints)
        kernels_inside.serve(socket.socket(fileno=wire))
    os.close(wire)
    print(pid, flush=True)
    os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

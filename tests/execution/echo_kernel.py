"""A kernel of no language: it says what it is told, or does one of a few things."""

import os
import time

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel


class Echo(Kernel):
    implementation = language = "echo"
    implementation_version = banner = "1"
    language_info = {"name": "echo", "mimetype": "text/plain", "file_extension": ".txt"}  # noqa: RUF012

    def do_execute(self, code, silent, *_, **__):
        words = code.split()
        if words[0] == "die":
            os._exit(1)
        if words[0] == "wait":
            try:
                time.sleep(1000)
            except KeyboardInterrupt:
                return {"status": "error", "ename": "Stopped", "evalue": "", "traceback": []}
        if words[0] == "variable":
            code = os.environ.get(words[1], "none")
        said = {"name": "stdout", "text": code.upper()}
        self.send_response(self.iopub_socket, "stream", said)
        shown = {"data": {"text/plain": code}, "metadata": {}, "execution_count": 7}
        self.send_response(self.iopub_socket, "execute_result", shown)
        return {"status": "ok", "execution_count": self.execution_count, "user_expressions": {}}


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=Echo)

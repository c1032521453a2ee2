"""How does a kernel start without paying for its imports? As a fork of a process that has them.

An ordinary kernel spends most of a short notebook on importing what every other kernel imports too. Here a process
forks itself before it has a second thread; the fork waits until it is told its ports, and then is an ordinary ipykernel
with a namespace, a working folder and an end of its own. Nothing but the launch differs from what Jupyter does.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkProcess
from typing import TYPE_CHECKING, Any, cast

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from hpanalysis.reporting.notebooks.worker import end_with_parent

if TYPE_CHECKING:
    from subprocess import Popen

    from jupyter_client.connect import KernelConnectionInfo


class Kernel(ForkProcess):
    """A fork of this process that waits to become a kernel; to Jupyter it looks like a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self) -> None:
        super().__init__()
        self._told, self._tell = multiprocessing.Pipe(duplex=False)
        self.start()
        self._told.close()

    def run(self) -> None:
        """Wait for the file with the ports, and serve there."""
        from ipykernel.kernelapp import IPKernelApp

        self._tell.close()
        os.setsid()
        end_with_parent()
        # What was imported was seeded then: other forks would draw the same.
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed()
        IPKernelApp.launch_instance(["-f", self._told.recv()])

    def begin(self, connection_file: str) -> None:
        """Become a kernel at the ports that the file names."""
        self._tell.send(connection_file)

    def poll(self) -> int | None:
        """How it ended; None while it goes on."""
        return self.exitcode

    def wait(self) -> int | None:
        """How it ended, once it has."""
        self.join()
        return self.exitcode

    def send_signal(self, signum: int) -> None:
        """Send it a signal."""
        if self.pid is not None:
            os.kill(self.pid, signum)


@contextmanager
def forked_kernel() -> Iterator[type[AsyncKernelManager]]:
    """Fork this process now; the manager class that comes back has the fork as its kernel."""
    kernel = Kernel()

    class Provisioner(LocalProvisioner):
        async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
            kernel.begin(cmd[cmd.index("-f") + 1])
            self.process, self.pid, self.pgid = cast("Popen[bytes]", kernel), kernel.pid, kernel.pid
            return self.connection_info

    class Manager(AsyncKernelManager):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            self.provisioner = Provisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)

    try:
        yield Manager
    finally:
        kernel.kill()
        kernel.join()

"""Become another program, bound to end with the process that asked for it.

Run by path in an isolated interpreter: `python -I -S launch.py PARENT SIGNAL USER COMMAND...`, where PARENT is
the asking process, SIGNAL the number sent when it ends, and USER `uid:gid` or `-`. A program of its own between
fork and exec rather than `preexec_fn`: code run there inside a parent with threads (a test run) can deadlock.
The pid stays the same through exec.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent(death_signal: int) -> None:
    """Have the kernel send this process `death_signal` when the thread that started it ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")


def launch(parent: int, death_signal: int, user: str, command: list[str]) -> None:
    """Does not return. Exits with 1 when the parent is gone already."""
    if user != "-":
        uid, gid = map(int, user.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    end_with_parent(death_signal)  # after setuid, which clears it
    # the parent may have ended before the kernel was told: then no signal ever comes
    if os.getppid() != parent:
        sys.exit(1)
    # what is ignored or held back stays so through exec: Python ignores the first two, background shells the others
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.execve(command[0], command, os.environ)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    launch(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])

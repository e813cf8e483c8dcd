"""What an engine's monitor does (conmon, containerd-shim): becomes a sub-reaper, runs `create` to its end,
then waits for the container's first process as for its own child.

    subreaper.py PID-FILE CREATE-COMMAND... [-- AFTER-COMMAND...]

AFTER-COMMAND is run when `create` has succeeded. Prints "create=RC", "after=RC", and the end of the process
named in the pid file as "exited=STATUS" or "killed=SIGNAL"; "left=N" are other children that were reaped."""

import ctypes
import os
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36


def main():
    pid_file, command = sys.argv[1], sys.argv[2:]
    after = []
    if "--" in command:
        command, after = command[:command.index("--")], command[command.index("--") + 1:]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    rc = subprocess.call(command)
    print(f"create={rc}", flush=True)
    if rc != 0:
        return
    with open(pid_file) as f:
        pid = int(f.read())
    with open(f"/proc/{pid}/status") as f:
        parent = next(line.split()[1] for line in f if line.startswith("PPid:"))
    print(f"parent={'me' if int(parent) == os.getpid() else parent}", flush=True)
    process = subprocess.Popen(after) if after else None
    left = 0
    while True:
        try:
            child, status = os.wait()
        except ChildProcessError:
            break
        if child == pid:
            print(f"killed={os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exited={os.WEXITSTATUS(status)}")
        elif process and child == process.pid:
            print(f"after={os.WEXITSTATUS(status)}")
        else:
            left += 1
    print(f"left={left}")


main()

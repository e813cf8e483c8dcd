#!/usr/bin/env python3
"""receive.py SOCKET tty|pidfd: listens there, takes one descriptor as engines do, and prints what it is."""

import array
import os
import re
import socket
import sys

path, kind = sys.argv[1:]
server = socket.socket(socket.AF_UNIX)
server.bind(path + ".new")
server.listen(1)
os.rename(path + ".new", path)
server.settimeout(60)
connection, _ = server.accept()
data, control, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(16))
fds = array.array("i")
for level, what, payload in control:
    if (level, what) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
        fds.frombytes(payload[:len(payload) - len(payload) % fds.itemsize])
if kind == "tty":
    name = data.decode(errors="replace").rstrip("\0")
    print(len(fds), "terminal" if os.isatty(fds[0]) else "no terminal", re.sub("[0-9]+", "N", name))
else:
    with open(f"/proc/self/fdinfo/{fds[0]}") as f:
        print(len(fds), "pidfd" if re.search("^Pid:\t[1-9]", f.read(), re.M) else "no pidfd")
os.unlink(path)

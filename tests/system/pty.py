"""Terminals for tests: the receiver of a console socket, and a person at a terminal.

    pty.py socket PATH COMMAND...    listens at PATH, runs COMMAND, prints "name=NAME" that came with the terminal,
                                     "size=ROWS COLUMNS", then types each line of standard input and shows what
                                     the terminal says until it is hung up; ends with COMMAND's status
    pty.py socket-fd PATH COMMAND... the same, but prints the fdinfo lines "Pid:" of the descriptor that came
    pty.py run ROWS COLUMNS COMMAND...   COMMAND at a terminal of this size. When it has said "ready" the size is
                                     50x100 and standard input is typed; ends with COMMAND's status"""

import array
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import termios
import time


def receive(listener):
    connection, _ = listener.accept()
    data, ancillary, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(4))
    fds = array.array("i")
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(content[:4])
    return data.decode(), fds[0]


def talk(fd, is_done, when_ready=lambda: None):
    """Shows what comes until the other side is closed; calls when_ready() once it has said so."""
    said = b""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if not select.select([fd], [], [], 0.1)[0]:
            if is_done():
                break
            continue
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        if b"ready" not in said:
            said += data
            if b"ready" in said:
                when_ready()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def listen(path):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.settimeout(120)
    listener.bind(path)
    listener.listen(1)
    return listener


def with_socket(path, command):
    listener = listen(path)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        name, fd = receive(listener)
    except TimeoutError:
        sys.exit(process.wait() or 3)
    size = struct.unpack("HHHH", fcntl.ioctl(fd, termios.TIOCGWINSZ, bytes(8)))
    print(f"name={name}\nsize={size[0]} {size[1]}", flush=True)
    rc = process.wait()
    os.write(fd, sys.stdin.buffer.read())
    talk(fd, lambda: False)
    sys.exit(rc)


def with_pidfd(path, command):
    listener = listen(path)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    _, fd = receive(listener)
    with open(f"/proc/self/fdinfo/{fd}") as f:
        print("".join(line for line in f if line.startswith("Pid:")), end="")
    sys.exit(process.wait())


def run(rows, columns, command):
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                               preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    before = termios.tcgetattr(slave)
    text = sys.stdin.buffer.read()

    def when_ready():
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 100, 0, 0))
        os.write(master, text)

    talk(master, lambda: process.poll() is not None, when_ready)
    rc = process.wait()
    print(f"\nrestored={termios.tcgetattr(slave) == before}")
    sys.exit(rc if rc >= 0 else 128 - rc)


if sys.argv[1] == "socket":
    with_socket(sys.argv[2], sys.argv[3:])
elif sys.argv[1] == "socket-fd":
    with_pidfd(sys.argv[2], sys.argv[3:])
else:
    run(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])

#!/usr/bin/env python3
"""A seccomp agent for tests: agent.py SOCKET LOG COUNT [SIGNAL]. Takes COUNT listeners from SOCKET one after the other, writes
the state that came with each to LOG, a line each, and answers every notified call with ENOTTY until the listener is at its end.
With SIGNAL it keeps the first answer of each listener back, sends the caller that signal, and answers when the call either waits
on in spite of it (a line "waits on") or has been made again, which is another notification (a line "again")."""
import array
import fcntl
import os
import select
import socket
import struct
import sys
import threading

SECCOMP_IOCTL_NOTIF_RECV = 0xC0502100
SECCOMP_IOCTL_NOTIF_SEND = 0xC0182101
ENOTTY = 25


def is_readable(fd):
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return any(event & select.POLLIN for _, event in poll.poll(10))


def holds_out(pid, number):
    """Not to be interrupted by signals (state D), and one is pending."""
    with open(f"/proc/{pid}/status") as f:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
    return status["State"].startswith("D") and int(status["ShdPnd"], 16) & 1 << (number - 1) != 0


def disturb(fd, pid, number, log):
    os.kill(pid, number)
    while True:
        if is_readable(fd):
            said = b"again"
            break
        if holds_out(pid, number):
            said = b"waits on"
            break
    with open(log, "ab") as f:
        f.write(said + b"\n")


def answer(fd, number, log):
    while True:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        if any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll()):
            os.close(fd)
            return
        request = bytearray(80)
        try:
            fcntl.ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, request)
            cookie, pid = struct.unpack_from("QI", request)
            if number:
                disturb(fd, pid, number, log)
                number = 0
            fcntl.ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, struct.pack("QqiI", cookie, 0, -ENOTTY, 0))
        except OSError:
            continue


def main():
    path, log, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    number = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(path)
    server.listen(8)
    threads = []
    for _ in range(count):
        connection, _ = server.accept()
        text, control, _, _ = connection.recvmsg(65536, socket.CMSG_SPACE(64))
        fds = array.array("i")
        for level, kind, data in control:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds.frombytes(data[: len(data) // fds.itemsize * fds.itemsize])
        while True:
            more = connection.recv(65536)
            if not more:
                break
            text += more
        with open(log, "ab") as f:
            f.write(text + b" " + str(len(fds)).encode() + b"\n")
        thread = threading.Thread(target=answer, args=(fds[0], number, log))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()


main()

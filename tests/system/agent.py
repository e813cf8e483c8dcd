#!/usr/bin/env python3
"""A seccomp agent for tests: agent.py SOCKET LOG COUNT. Takes COUNT listeners from SOCKET one after the other, writes the
state that came with each to LOG, a line each, and answers every notified call with ENOTTY until the listener is at its end."""
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


def answer(fd):
    while True:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        if any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll()):
            os.close(fd)
            return
        request = bytearray(80)
        try:
            fcntl.ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, request)
            (cookie,) = struct.unpack_from("Q", request)
            fcntl.ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, struct.pack("QqiI", cookie, 0, -ENOTTY, 0))
        except OSError:
            continue


def main():
    path, log, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
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
        thread = threading.Thread(target=answer, args=(fds[0],))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()


main()

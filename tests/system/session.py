"""A person at a terminal who waits before typing (python3 -P: the pty here is the library's): session.py ROWS COLUMNS [WAIT TYPE]... -- COMMAND...

Each WAIT is a text that must be on the screen before TYPE is typed (escapes as in Python); a TYPE of "@ROWSxCOLUMNS"
changes the size of the window instead. Shows the screen, ends with COMMAND's status."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time


def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))


def main(arguments):
    middle = arguments.index("--")
    rows, columns, *steps = arguments[:middle]
    pid, fd = pty.fork()
    if pid == 0:
        resize(0, rows, columns)
        os.execvp(arguments[middle + 1], arguments[middle + 1:])
    screen, seen, end = b"", 0, time.monotonic() + 50
    while time.monotonic() < end:
        while steps and steps[0].encode() in screen[seen:]:
            seen = screen.index(steps[0].encode(), seen) + len(steps[0])
            text = steps[1].encode().decode("unicode_escape").encode("latin1")
            if text.startswith(b"@"):
                resize(fd, *text[1:].split(b"x"))
            else:
                os.write(fd, text)
            steps = steps[2:]
        if select.select([fd], [], [], 0.2)[0]:
            try:
                data = os.read(fd, 65536)
            except OSError:
                break
            if not data:
                break
            screen += data
    sys.stdout.write(screen.decode(errors="replace").replace("\r", ""))
    sys.stdout.flush()
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


sys.exit(main(sys.argv[1:]))

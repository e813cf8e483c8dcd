#!/usr/bin/env python3
"""What ctr-exec may not call, and where the exceptions are. The root file system of a container is hostile and the helper
has no heap: so nothing in helper/ makes, opens or mounts by path except in the files listed here, each for its reason, and
nothing allocates. TAP on standard output."""
import os
import re
import sys

# Function: the files that may call it, with the reason. "helper/x.c" names a file of helper/.
RULES = {
    "mount": {},
    "umount": {},
    "umount2": {
        "record.c": "pins in STATE, a host directory of root, by name in the current directory",
    },
    "mkdir": {
        "prepare.c": "STATE, before any container",
        "record.c": "directory of pins in STATE",
    },
    "mknod": {},
    "symlink": {},
    "link": {},
    "rename": {},
    "unlink": {},
    "rmdir": {},
    "chmod": {},
    "chown": {},
    "lchown": {},
    "truncate": {},
    "creat": {},
    "fopen": {},
    "opendir": {},
    "open": {
        "await-port.c": "STATE and the host's /proc, in a process beside any container",
        "cgroup.c": "/proc/self/cgroup and /sys/fs/cgroup of the host, before the pivot",
        "launch.c": "/dev/null of the host, proven by its number",
        "main.c": "own program file and STATE",
        "op-cgroup.c": "cgroup directory that plan names, in the host",
        "op-hook.c": "files for the output of hooks, in the host before the clone",
        "op-credentials.c": "the unit's credentials, in the host",
        "op-id-map.c": "the directory in the host's /proc of a process made for a map",
        "op-listener.c": "the agent's socket in the host",
        "op-namespace.c": "namespace files of the host; the root after joining a mount namespace",
        "op-lock-mounts.c": "the host's /proc; the root after joining a mount namespace",
        "op-overlay.c": "/ as a mount, before the pivot",
        "op-node.c": "device nodes of the host, proven by type and number",
        "op-rdt.c": "resctrl of the host, before the clone",
        "op-rootfs.c": "/ as a mount, before the pivot",
        "op-restore.c": "criu's log and /proc of the host; the root after joining a mount namespace",
        "op-stage.c": "a directory of STATE, and /dev/null of the host",
        "record.c": "STATE",
        "relay.c": "/proc and the cgroup tree of the host, in a process beside any container",
        "prepare.c": "STATE",
        "spawn.c": "STATE and the clone's directory in the host's /proc",
    },
    "open_tree": {
        "mount.c": "by descriptor",
        "op-bind.c": "bind sources in the host",
        "op-mask.c": "entries of the tmpfs made for it, by descriptor",
        "op-rootfs.c": "the rootfs in the host",
        "record.c": "namespace files of the clone in the host's /proc",
    },
    "move_mount": {"mount.c": "by descriptors"},
    "stat": {"op-exec.c": "the payload's program, in its own root"},
    "lstat": {},
    "access": {},
    "chdir": {
        "main.c": "/ of the host",
        "op-exec.c": "fallback under a filter without openat2, checked by getcwd",
        "op-rootfs.c": "/ after the pivot",
        "record.c": "/ of the host",
        "restored.c": "STATE, as criu's action script, in the host",
        "spawn.c": "/ of the host",
    },
    "chroot": {"op-rootfs.c": '"." where pivot_root cannot work'},
    "sys_openat2": {"resolve.c": "in the rootfs", "procfs.c": "in a procfs of its own"},
    "sys_clone3": {"spawn.c": "the only file that makes processes"},
    "fork": {"spawn.c": "the payload of an init, whose filter may know no newer call"},
    "vfork": {},
    "system": {},
    "popen": {},
    "posix_spawn": {},
    "execve": {
        "main.c": "itself, before any container",
        "op-exec.c": "the payload",
        "prepare.c": "ctrctl, before any container",
        "spawn.c": "hooks",
    },
}
# The *at calls are calls by path again with AT_FDCWD.
WORKING_DIRECTORY = {
    "op-bind.c": "bind sources in the host",
    "op-exec.c": "the payload's program, in its own root",
    "op-lsm.c": "which security module the host has, before the pivot",
    "op-namespace.c": "the host's /proc, before the clone",
    "op-rootfs.c": "the rootfs in the host, and the host's /proc before the pivot",
}
# So is a call by its number.
BY_NUMBER = {
    "op-device-filter.c": {"SYS_bpf"},
    "op-placement.c": {"SYS_set_mempolicy"},
    "op-process.c": {"SYS_sched_setattr"},
}
FORBIDDEN = ["malloc", "calloc", "realloc", "reallocarray", "strdup", "strndup", "asprintf", "vasprintf", "alloca", "free",
             "getline", "getpwnam", "getpwuid", "getgrnam", "getgrgid", "dlopen", "iconv_open", "setlocale", "getaddrinfo"]
# The wrapper definitions themselves.
DEFINITIONS = {"kernel.h"}


def code_of(path):
    """The text without comments and strings, lines kept."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    blank = lambda m: re.sub(r"[^\n]", " ", m.group(0))
    text = re.sub(r"/\*.*?\*/", blank, text, flags=re.S)
    return re.sub(r'"(?:\\.|[^"\\\n])*"', lambda m: '"."' if m.group(0) == '"."' else '""', text)


def calls(code, name):
    """(line, rest of the line) of each call of this function; not of members, not of longer names."""
    for m in re.finditer(r"(?<![\w.>])" + name + r"\(", code):
        line = code.count("\n", 0, m.start()) + 1
        yield line, code[m.end():code.find("\n", m.end())]


def check_rules(files):
    used = set()
    for name, path in files:
        code = code_of(path)
        for function, allowed in RULES.items():
            for line, rest in calls(code, function):
                if name in DEFINITIONS or (function == "umount2" and rest.startswith('"."')):
                    continue
                used.add((function, name))
                if name not in allowed:
                    yield f"helper/{name}:{line}: {function}() by path is not allowed here"
    for function, allowed in RULES.items():
        for name in allowed:
            if (function, name) not in used:
                yield f"helper/{name}: listed for {function}(), which it does not call: take it off the list"


def check_working_directory(files):
    used = set()
    for name, path in files:
        for m in re.finditer(r"\bAT_FDCWD\b", code := code_of(path)):
            used.add(name)
            if name not in WORKING_DIRECTORY:
                yield f"helper/{name}:{code.count(chr(10), 0, m.start()) + 1}: AT_FDCWD is a path of the working directory's"
    for name in WORKING_DIRECTORY.keys() - used:
        yield f"helper/{name}: listed for AT_FDCWD, which it does not have: take it off the list"


def check_numbers(files):
    for name, path in files:
        if name in DEFINITIONS:
            continue
        for line, rest in calls(code_of(path), "syscall"):
            if not any(rest.startswith(number + ",") for number in BY_NUMBER.get(name, ())):
                yield f"helper/{name}:{line}: syscall() of {rest.split(',')[0]}: use kernel.h"


def check_allocation(files):
    for name, path in files:
        code = code_of(path)
        for function in FORBIDDEN:
            for line, _ in calls(code, function):
                yield f"helper/{name}:{line}: {function}() allocates or loads"


def check_selftest(_):
    """The rules find what they are for."""
    samples = {
        'int f(void)\n{\n        return mount("a", path, NULL, 0, NULL);\n}\n': "mount",
        "x = malloc(3);": "malloc",
        "umount2(path, MNT_DETACH);": "umount2",
    }
    for text, function in samples.items():
        if not list(calls(text, function)):
            yield f"{function}() is not found"
    for text, function in {"fsmount(fd)": "mount", "a->open(x)": "open", "mkdirat(fd, p, 0)": "mkdir"}.items():
        if list(calls(text, function)):
            yield f"{function}() is found in {text}"


def main():
    folder = os.path.join(sys.argv[1], "helper")
    files = [(n, os.path.join(folder, n)) for n in sorted(os.listdir(folder)) if n.endswith((".c", ".h"))]
    checks = [("calls by path", check_rules), ("no allocation", check_allocation), ("the rules themselves", check_selftest),
              ("paths from the working directory", check_working_directory), ("calls by number", check_numbers)]
    failed = 0
    if not files:
        print("Bail out! no files in", folder)
        return 1
    for i, (title, check) in enumerate(checks, 1):
        problems = list(check(files))
        print(f"{'not ok' if problems else 'ok'} {i} - helper-lint: {title}")
        for problem in problems:
            print("#", problem)
        failed += bool(problems)
    print(f"1..{len(checks)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

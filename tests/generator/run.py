#!/usr/bin/env python3
"""ctr-generator on small trees: what it prints (golden files), writes, and how long it takes.

    run.py CTR-GENERATOR [--update] [--no-timing] [--without WORD]   WORD: cases with it in their name are left out, as this build is

Each directory cases/NAME is a root to look below; "expected" in it is what --dry-run prints on standard
output and standard error. --update writes these files anew: read the difference before committing it.
"""

import argparse
import os
import re
import resource
import shutil
import stat
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "cases")
# CPU time of 100 containers. A reboot waits for it; the least of some runs is what the program needs: 8 ms for
# .container files, where the goal is 10, and 21 for config.json with system call filters (doc/performance.md).
# Slower machines have twice that.
CONTAINERS, LIMIT_SEC, FILE_LIMIT_SEC, RUNS = 100, 0.060, 0.020, 15


class Tap:
    def __init__(self):
        self.n = self.n_failed = 0

    def ok(self, name, condition, detail=""):
        self.n += 1
        self.n_failed += not condition
        print(f"{'' if condition else 'not '}ok {self.n} - ctr-generator: {name}")
        if not condition:
            for line in str(detail).split("\n"):
                print("# " + line)


def copy_tree(case, root):
    """A case as files that root (or we) own and nobody else can write, whatever git made of them."""
    shutil.copytree(case, root, symlinks=True, ignore=shutil.ignore_patterns("expected", ".keep"))
    for directory, _, files in os.walk(root):
        os.chmod(directory, 0o755)
        for name in files:
            path = os.path.join(directory, name)
            if not os.path.islink(path):
                os.chmod(path, 0o644)


def run(program, *args):
    return subprocess.run([program, *args], capture_output=True, text=True)


def difference(got, expected):
    with tempfile.TemporaryDirectory() as directory:
        for name, text in (("expected", expected), ("got", got)):
            with open(os.path.join(directory, name), "w") as f:
                f.write(text)
        return subprocess.run(["diff", "-u", "expected", "got"], cwd=directory,
                              capture_output=True, text=True).stdout


def without_plan(text):
    """The unit's text without what lib/plan puts into [Service]: tests/golden has that."""
    lines, inside = [], False
    for line in text.split("\n"):
        if inside and (not line or line.startswith("#")):
            inside = False
        elif inside:
            continue
        if line.startswith("ExecStart") and "ctr-exec" in line:
            while lines.pop() != "[Service]":
                pass
            lines.append("[Service] (the plan's)")
            inside = True
            continue
        lines.append(line)
    return "\n".join(lines)


def golden(tap, program, update, without):
    for case in sorted(os.listdir(CASES)):
        if without and without in case:
            tap.n += 1
            print(f"ok {tap.n} - ctr-generator: {case}: units # SKIP this build is without it")
            continue
        expected_path = os.path.join(CASES, case, "expected")
        with tempfile.TemporaryDirectory() as directory:
            root = os.path.join(directory, "root")
            copy_tree(os.path.join(CASES, case), root)
            result = run(program, "--dry-run", "--root", root)
        got = f"{without_plan(result.stdout)}---- stderr\n{result.stderr}---- exit {result.returncode}\n"
        if update:
            with open(expected_path, "w") as f:
                f.write(got)
        with open(expected_path) as f:
            expected = f.read()
        tap.ok(f"{case}: units", got == expected, difference(got, expected))


def sample(root, name, container_file=""):
    """A container like a real one: the sample of nginx with its system call filter."""
    base = os.path.join(root, "etc/ctrunit/containers")
    os.makedirs(os.path.join(base, name), exist_ok=True)
    shutil.copy(os.path.join(HERE, "../data/config/nginx.json"), os.path.join(base, name, "config.json"))
    os.chmod(os.path.join(base, name, "config.json"), 0o644)
    if container_file:
        with open(os.path.join(base, name + ".container"), "w") as f:
            f.write(container_file)


def output(tap, program):
    """What stands in the directory that systemd gives."""
    with tempfile.TemporaryDirectory() as directory:
        root, out = os.path.join(directory, "root"), os.path.join(directory, "out")
        os.mkdir(out)
        sample(root, "web", "[Install]\nWantedBy=multi-user.target\nAlias=www@web.service\n")
        sample(root, "bad", "[Service]\nRestrat=always\n")
        sample(root, "a+b")
        for again in ("", "again: "):
            result = run(program, "--root", root, out, out, out)
            tap.ok(again + "a broken container is no failure", result.returncode == 0, result.stderr)
            names = sorted(os.path.relpath(os.path.join(d, f), out)
                           for d, _, files in os.walk(out) for f in files)
            tap.ok(again + "units and links, nothing else", names == [
                "ctr@a\\x2bb.service", "ctr@bad.service", "ctr@web.service",
                "multi-user.target.wants/ctr@web.service", "www@web.service"], names)
        mode = stat.S_IMODE(os.stat(os.path.join(out, "ctr@web.service")).st_mode)
        tap.ok("units are readable", mode == 0o644, oct(mode))
        tap.ok("link to the unit", os.readlink(os.path.join(out, "multi-user.target.wants/ctr@web.service"))
               == "../ctr@web.service")
        with open(os.path.join(out, "ctr@web.service")) as f:
            text = f.read()
        dry = run(program, "--dry-run", "--root", root, "web").stdout
        tap.ok("--dry-run prints what is written", text in dry, dry)
        with open(os.path.join(out, "ctr@bad.service")) as f:
            text = f.read()
        tap.ok("the stub says what is wrong", "bad.container:2:1: Restrat: unknown key" in text, text)


def state_of(root, container, pid, start_time, unit):
    """What a start leaves in the state directory: the process, and the unit's text."""
    directory = os.path.join(root, "run/ctrunit/containers", container)
    os.makedirs(directory, mode=0o755, exist_ok=True)
    for name, text in (("pid", f"{pid} {start_time} 0123\n"), ("unit", unit)):
        with open(os.path.join(directory, name), "w") as f:
            f.write(text)


def running(tap, program):
    """Containers that run without a configuration that can be used."""
    unit = ("# Made by ctr-generator\n[Unit]\nDescription=Old\nSourcePath=/x\nAfter=a.service\nRequires=b.socket\n\n[Service]\n"
            "Type=notify\nExecStartPre=/old\nExecStart=/old\nExecStopPost=/end\nMemoryMax=7\nRestart=always\n\n[Unit]\nBindsTo=c.service\nWants=d.timer\n"
            "#: d.timer\n# Made\n[Timer]\nOnActiveSec=1\n#: d.service\n[Service]\nExecStart=/d\n#: ../e.service\n[Service]\nExecStart=/e\n")
    with open(f"/proc/{os.getpid()}/stat") as f:
        start_time = f.read().rsplit(")", 1)[1].split()[19]
    with tempfile.TemporaryDirectory() as directory:
        root, out = os.path.join(directory, "root"), os.path.join(directory, "out")
        os.mkdir(out)
        sample(root, "bad", "[Service]\nRestrat=always\n")
        sample(root, "good")
        for name, pid, time in (("bad", os.getpid(), start_time), ("gone", os.getpid(), start_time), ("good", os.getpid(), start_time),
                                ("dead", os.getpid(), "1"), ("a+b", os.getpid(), start_time)):
            state_of(root, name, pid, time, unit)
        os.makedirs(os.path.join(root, "run/ctrunit/containers/transient"))
        state_of(root, "starts", 0, 0, unit)
        os.unlink(os.path.join(root, "run/ctrunit/containers/starts/pid"))
        run(program, "--root", root, out, out, out)
        texts = {}
        for name in sorted(os.listdir(out)):
            with open(os.path.join(out, name)) as f:
                texts[name] = f.read()
        tap.ok("running: units", sorted(texts) == ["ctr@a\\x2bb.service", "ctr@bad.service", "ctr@gone.service", "ctr@good.service",
                                                 "ctr@starts.service", "d.service", "d.timer"], sorted(texts))
        kept = ("\n# It runs. From the unit that it was started with:\n[Unit]\nAfter=a.service\n[Service]\nType=notify\n"
                "ExecStopPost=/end\nMemoryMax=7\n[Unit]\nBindsTo=c.service\nWants=d.timer\n")
        for name in ("bad", "gone", "starts"):
            text = texts.get(f"ctr@{name}.service", "")
            tap.ok(f"running: {name}: what is kept follows the stub", text.endswith(f"--explain {name}\n" + kept), text)
        tap.ok("running: units beside it", texts.get("d.timer") == "# Made\n[Timer]\nOnActiveSec=1\n" and
               texts.get("d.service") == "[Service]\nExecStart=/d\n", texts)
        tap.ok("running: a good one is as configured", "MemoryMax=7" not in texts.get("ctr@good.service", "MemoryMax=7"))


def command_line(tap, program):
    with tempfile.TemporaryDirectory() as root:
        sample(root, "web")
        sample(root, "bad", "[Service]\nRestrat=always\n")
        for name, args, code, text in (
                ("--check of a good one", ("--check", "--root", root, "web"), 0, ""),
                ("--check of all", ("--check", "--root", root), 78, "bad.container:2:1: Restrat"),
                ("--explain of a good one", ("--explain", "--root", root, "web"), 78, "daemon-reload"),
                ("--check of none", ("--check", "--root", root, "nope"), 78, "nope: no such container"),
                ("unknown option", ("--bogus",), 1, "bogus"),
                ("no directory", (), 1, "NORMAL-DIR"),
                ("missing directory", ("--root", root, "/nonexistent/out"), 1, "/nonexistent/out"),
                ("missing root", ("--check", "--root", "/nonexistent"), 1, "/nonexistent"),
                ("--help", ("--help",), 0, "--dry-run"),
                ("--version", ("--version",), 0, "ctr-generator ")):
            result = run(program, *args)
            tap.ok(name, result.returncode == code and text in result.stderr + result.stdout,
                   f"exit {result.returncode}\n{result.stdout}{result.stderr}")


def libraries(tap, program):
    """At boot, before anything: no D-Bus, no name service, nothing that opens a socket."""
    needed = set(re.findall(r"NEEDED.*\[(.*?)\.so", subprocess.run(
        ["readelf", "-d", program], capture_output=True, text=True, check=True).stdout))
    tap.ok("few libraries", needed <= {"libc", "libm", "libjson-c", "libmd", "ld-linux-x86-64"}, needed)


KEYS = """[Container]
Rootfs=/srv/web
Exec=/bin/web --port 80 "a b"
Environment=A=1 "B=two words"
User=web
Volume=state:/data
Volume=/srv/files:/files:ro
Tmpfs=/work
AddCapability=CAP_NET_RAW
Memory=64m
[Install]
WantedBy=multi-user.target
"""


def key_file(root, name, container_file):
    """A container without a config.json."""
    base = os.path.join(root, "etc/ctrunit/containers")
    os.makedirs(base, exist_ok=True)
    with open(os.path.join(base, name + ".container"), "w") as f:
        f.write(container_file)


def timing(tap, program, what, make, container_file, limit_sec):
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as directory:
        root = os.path.join(directory, "root")
        for i in range(CONTAINERS):
            make(root, f"c{i}", container_file)
        least = 1e9
        for i in range(RUNS):
            out = os.path.join(directory, f"out{i}")
            os.mkdir(out)
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            run(program, "--root", root, out, out, out)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            least = min(least, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            made = len([n for n in os.listdir(out) if n.endswith(".service")])
        tap.ok(f"{CONTAINERS} {what} are made", made == CONTAINERS, made)
        tap.ok(f"{CONTAINERS} {what} within {limit_sec * 1000:.0f} ms of CPU time", least < limit_sec,
               f"{least * 1000:.1f} ms")
        print(f"# {CONTAINERS} {what}: {least * 1000:.1f} ms")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--without")
    parser.add_argument("--no-timing", action="store_true", help="a sanitizer build is slow and links more")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    tap = Tap()
    os.umask(0o022)
    golden(tap, program, options.update, options.without)
    output(tap, program)
    running(tap, program)
    command_line(tap, program)
    if not options.no_timing:
        libraries(tap, program)
        timing(tap, program, "containers", sample, "[Service]\nRestart=on-failure\n[Install]\nWantedBy=multi-user.target\n", LIMIT_SEC)
        timing(tap, program, ".container files", key_file, KEYS, FILE_LIMIT_SEC)
    print(f"1..{tap.n}")
    sys.exit(tap.n_failed > 0)


main()

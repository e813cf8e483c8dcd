#!/usr/bin/env python3
"""Every verb and option of the runtimes' common command line, asked of ours in both modes and of crun and runc.

    peers.py [--runtimes native,engine,crun,runc] [--rows PATTERN] [--table] [--strict]

A row (rows_*.py) is a few lines of shell, and what is to come out of it: exit code, standard output or error, or what
the lines print of files and states, made equal where runs differ (numbers of processes, times, paths). All runtimes
run at the same time, each with a root directory and bundles of its own, and each row by itself and in order.

Ours is judged. What peers do is printed beside it; where one is known to differ, the row says so and why, and with
--strict another answer of theirs is a failure, too. --table prints all answers.
"""

import argparse
import fnmatch
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, f"{os.path.dirname(os.path.abspath(__file__))}/../robust")
from common import BUILD, Tap, shell_lib  # noqa: E402
from bundles import BUNDLES  # noqa: E402
import rows_exec  # noqa: E402
import rows_global  # noqa: E402
import rows_life  # noqa: E402
import rows_outputs  # noqa: E402

ROW_SECONDS = 120  # nothing takes this long but what waits for something that never comes
PEER_SECONDS = 8  # peers are not waited for as long
PRELUDE = """
X=("$@")
x() { "${X[@]}" "$@" </dev/null; }
status() { x state "$1" 2>/dev/null | sed -n 's/.*"status": "\\(.*\\)".*/\\1/p'; }
await() { until [ "$(status "$1")" = "$2" ]; do sleep 0.02; done; }
alive() { [ -e "/proc/$1" ] && ! grep -q '^State:.[ZX]' "/proc/$1/status" 2>/dev/null; }
await_death() { while alive "$1"; do sleep 0.02; done; }
pid() { x state "$1" | sed -n 's/.*"pid": \\([0-9]*\\).*/\\1/p'; }
runs() { x create -b "$B/$1" "$2" && x start "$2"; }
shared() { [ "$(status c)" = running ] || { x delete -f c; runs sleep c; }; }
"""


class Runtime:
    """One runtime: its command with the options that each call has."""

    def __init__(self, name, program):
        self.name, self.program = name, program
        self.is_ours = program.startswith("ctr")
        self.is_native = name == "native"

    def command(self, work):
        words = [self.program, "--root", f"{work}/root"]
        return words if self.is_native else words + ["--systemd-cgroup"]


RUNTIMES = [Runtime("native", "ctrctl"), Runtime("engine", "ctr-runtime"), Runtime("crun", "crun"), Runtime("runc", "runc")]


def name_of(work):
    return os.path.basename(work)


def make_bundles(work, base):
    rootfs = f"{work}/rootfs"
    shell_lib(f"make_rootfs {rootfs}")
    for name, edit in BUNDLES.items():
        config = json.loads(base)
        config["root"]["path"] = rootfs
        edit(config)
        os.makedirs(f"{work}/{name}")
        with open(f"{work}/{name}/config.json", "w") as f:
            f.write(json.dumps(config).replace("RUNTIME", name_of(work)))


def environment(runtime, work):
    env = dict(os.environ, B=work, W=work, R=f"{work}/root", P=runtime.program, HERE=os.path.dirname(os.path.abspath(__file__)))
    # crun raises this limit in vain, which newer kernels do not ask for; see tests/clients/run.sh.
    library = f"{BUILD}/tests/clients/libmemlock.so"
    if runtime.name == "crun" and os.path.exists(library):
        shutil.copy(library, f"{work}/memlock.so")
        env["LD_PRELOAD"] = f"{work}/memlock.so"
    return env


# ---- what an answer is ----

def message(text):
    """The last line of standard error without what each program puts before it."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    line = lines[-1]
    quoted = re.match(r'time="[^"]*" level=\w+ msg="(.*?)"( .*)?$', line)
    if quoted:
        line = quoted.group(1).replace('\\"', '"')
    return re.sub(r"^(ctrctl|ctr-runtime|runc|crun|[0-9-]+T[0-9:.]+Z|[0-9-]+T[0-9:.]+\+[0-9:]+): (error: )?", "", line)


def shape(value):
    """Members in order with the kinds of their values."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{k}:{shape(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + (shape(value[0]) if value else "") + "]"
    return {bool: "bool", int: "int", float: "float", str: "str", type(None): "null"}[type(value)]


def shape_of(text):
    try:
        return shape(json.loads(text))
    except ValueError:
        return f"no JSON: {text}"


SHOWN = {
    "code": lambda code, out, err: code,
    "out": lambda code, out, err: f"{code} {out.rstrip()}",
    "err": lambda code, out, err: f"{code} {message(err)}",
    "all": lambda code, out, err: f"{code} {out.rstrip()}|{err.rstrip()}",
    "shape": lambda code, out, err: f"{code} {shape_of(out)}",
}


class Asker(threading.Thread):
    """All rows of one runtime."""

    def __init__(self, runtime, rows, top, base):
        super().__init__()
        self.runtime, self.rows, self.answers, self.seconds, self.base = runtime, rows, {}, {}, base
        self.work = f"{top}/{runtime.name}"

    def plain(self, text):
        text = text.replace(self.work, "DIR")
        text = re.sub(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{1,9})?(Z|[+-][0-9:]{5})", "TIME", text)
        return text.replace("\n", "\\n").strip()

    def ask(self, row, env):
        words = ["bash", "-c", PRELUDE + row.script, "peers"] + self.runtime.command(self.work)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(words, cwd=self.work, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
            # Not wait() with a time limit: that looks every 50 ms only.
            watch = threading.Timer(ROW_SECONDS if self.runtime.is_ours else PEER_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
            watch.start()
            code = process.wait()
            watch.cancel()
            if code == -signal.SIGKILL:
                code = "hangs"
                subprocess.run(self.runtime.command(self.work) + ["delete", "-f", "c"], env=env, capture_output=True)
            texts = []
            for f in out, err:
                f.seek(0)
                texts.append(f.read().decode(errors="replace"))
        return self.plain(SHOWN[row.shows](str(code), *texts))

    def run(self):
        make_bundles(self.work, self.base)
        env = environment(self.runtime, self.work)
        for row in self.rows:
            if row.want_of(self.runtime) is not None:
                start = time.monotonic()
                # Peers have races of their own, and are asked for their answer, not for those.
                for _ in range(1 if self.runtime.is_ours else 3):
                    self.answers[row.name] = self.ask(row, env)
                    if re.fullmatch(row.want_of(self.runtime), self.answers[row.name]):
                        break
                self.seconds[row.name] = time.monotonic() - start


# ---- the verdict ----

def cell(text, width):
    return text if len(text) <= width else text[:width - 1] + "~"


def print_table(rows, askers):
    for row in rows:
        print(f"# {row.name}")
        for asker in askers:
            if row.name in asker.answers:
                print(f"#   {asker.runtime.name:7} {asker.seconds[row.name] * 1000:5.0f} ms  {cell(asker.answers[row.name], 4000)}")
        if row.why:
            print(f"#   why     {row.why}")


def judge(tap, rows, askers, is_strict):
    for row in rows:
        for asker in askers:
            want = row.want_of(asker.runtime)
            if want is None:
                continue
            answer = asker.answers[row.name]
            is_right = re.fullmatch(want, answer) is not None
            details = [f"asked:    {row.script}", f"answered: {answer}", f"expected: {want}"]
            if asker.runtime.is_ours or is_strict:
                tap.ok(is_right, f"{asker.runtime.name}: {row.name}", details)
            elif not is_right:
                tap.say(f"{asker.runtime.name} differs: {row.name}: {cell(answer, 200)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runtimes", default=os.environ.get("CTRUNIT_RUNTIMES", "native engine").replace(" ", ","))
    parser.add_argument("--rows", default="*")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args()
    rows = [r for table in (rows_global.ROWS, rows_life.ROWS, rows_exec.ROWS, rows_outputs.ROWS) for r in table
            if fnmatch.fnmatch(r.name, options.rows)]
    names = [r.name for r in rows]
    assert len(set(names)) == len(names), f"twice: {[n for n in names if names.count(n) > 1]}"
    runtimes = [r for r in RUNTIMES if r.name in options.runtimes.split(",") and shutil.which(r.program)]
    tap = Tap("peers")
    base = shell_lib("base_config")
    with tempfile.TemporaryDirectory(dir="/srv", prefix="peers-") as top:
        os.chmod(top, 0o755)
        askers = [Asker(r, rows, top, base) for r in runtimes]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
    if options.table:
        print_table(rows, askers)
    judge(tap, rows, askers, options.strict)
    for asker in askers:
        tap.say(f"{asker.runtime.name}: {len(asker.answers)} rows in {sum(asker.seconds.values()):.1f} s")
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())

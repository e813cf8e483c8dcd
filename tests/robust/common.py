"""What the robustness tests share: runtimes to drive (ours in both modes, crun, runc), bundles, and the search for
whatever a container may have left behind. Runs as root inside a booted host (tools/testhost); standard library only.
"""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("CTRUNIT_BUILD", "/build")
LONG = bool(os.environ.get("CTRUNIT_LONG"))
EVERY = int(os.environ.get("CTRUNIT_EVERY", "0"))  # of the kill points, each EVERYth; 0: as the run is long or short
PR_SET_CHILD_SUBREAPER = 36
COMMAND_SECONDS = 90  # no verb of any runtime takes longer unless it hangs, whatever else the machine does
SETTLE_SECONDS = 60  # for what comes by itself: on a busy machine late; only what would never come takes so long
PEER_SECONDS = 3  # peers are counted: what is not there by then counts


class Result:
    """End of a command: code is None when it had to be ended because it hung."""

    def __init__(self, code, text, seconds):
        self.code, self.text, self.seconds = code, text, seconds

    @property
    def ok(self):
        return self.code == 0

    def __str__(self):
        return f"{'hangs' if self.code is None else f'exit {self.code}'}: {self.text.strip()[-300:]}"


def become_reaper():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap(keep=()):
    """Whatever was left to us as the sub-reaper and has ended; children in `keep` are waited for elsewhere."""
    for pid in children():
        if pid not in keep:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass


def children():
    with open(f"/proc/self/task/{os.getpid()}/children") as f:
        return [int(p) for p in f.read().split()]


class Command:
    """A started command; its output goes to a file, because what it leaves behind would keep a pipe open."""

    # Set where nobody else waits for children: then what becomes ours meanwhile is reaped at once, as a sub-reaper must. A
    # zombie of a container that was entered keeps its init from ending, and whoever deletes it from coming to an end.
    is_alone = False

    def __init__(self, argv, output, limits=None, env=None):
        self.output, self.start = output, time.monotonic()
        with open(output, "wb") as f, open("/dev/null", "rb") as null:
            self.process = subprocess.Popen(argv, stdin=null, stdout=f, stderr=f, preexec_fn=limits, env=env)

    def result(self, seconds=COMMAND_SECONDS):
        try:
            while self.is_alone and self.process.poll() is None and time.monotonic() < self.start + seconds:
                reap(keep=[self.process.pid])
                time.sleep(0.001)
            code = self.process.wait(timeout=max(0.01, self.start + seconds - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = None
        taken = time.monotonic() - self.start
        with open(self.output, errors="replace") as f:
            return Result(code, f.read(), taken)


def results_of(commands, seconds=COMMAND_SECONDS):
    """Ends of commands that run at the same time, each with its own time."""
    results, waiting = {}, dict(commands)
    while waiting:
        for name, command in list(waiting.items()):
            if command.process.poll() is not None or time.monotonic() > command.start + seconds:
                results[name] = waiting.pop(name).result(seconds)
        time.sleep(0.01)
    return results


def run(argv, seconds=COMMAND_SECONDS, limits=None, env=None, output="/run/robust/output"):
    return Command(argv, output, limits, env).result(seconds)


def until(condition, seconds=SETTLE_SECONDS):
    """Asks again and again; the condition's last value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.005)


def settle_seconds(runtime):
    return SETTLE_SECONDS if runtime.is_ours else PEER_SECONDS


class Runtime:
    """One runtime, with the systemd cgroup manager. `name` is also its root directory's."""

    def __init__(self, name, program, is_native=False):
        self.name, self.program, self.is_native = name, program, is_native
        self.root = "/run/ctrunit" if is_native else f"/run/robust/root-{name}"
        self.argv = [program] if is_native else [program, "--root", self.root, "--systemd-cgroup"]
        self.is_ours = program.startswith("ctr")

    def unit(self, cid):
        return f"ctr@{cid}.service" if self.is_native else f"rb-{cid}.scope"

    def command(self, *words):
        return self.argv + list(words)

    def __call__(self, *words, **options):
        return run(self.command(*words), **options)

    def status(self, cid):
        result = self("state", cid)
        try:
            return json.loads(result.text)["status"] if result.ok else None
        except (ValueError, KeyError):
            return None

    def pid(self, cid):
        result = self("state", cid)
        return json.loads(result.text)["pid"] if result.ok else 0

    def ids(self):
        return self("list", "-q").text.split()

    def update_words(self, cid):
        return ("update", "--pids-limit", "77", cid)

    def create_words(self, cid, bundle):
        return ("create", "--bundle", bundle, "--pid-file", pid_file(cid), cid)

    def state_paths(self, cid):
        """State of this id, also under temporary names."""
        found = []
        for top in (self.root, f"{self.root}/containers"):
            if os.path.isdir(top):
                found += [f"{top}/{n}" for n in os.listdir(top)
                          if n == cid or n.startswith(f".{cid}.") or n.endswith(".tmp")]
        return found


RUNTIMES = [
    Runtime("native", "ctrctl", is_native=True),
    Runtime("engine", "ctr-runtime"),
    Runtime("crun", "crun"),
    Runtime("runc", "runc"),
]


def default_runtimes():
    """CTRUNIT_RUNTIMES="native crun ...", or ours, with their peers in the long run."""
    asked = os.environ.get("CTRUNIT_RUNTIMES", "native engine crun runc" if LONG else "native engine")
    return ",".join(asked.split())


def chosen_runtimes(names):
    return [r for r in RUNTIMES if r.name in names and shutil.which(r.program)]


# ---- bundles ----

WORK = "/srv/robust"


def pid_file(cid):
    return f"{WORK}/pids/{cid}"


def shell_lib(command):
    """A function of the system tests' library."""
    env = dict(os.environ, CTRUNIT_TEST_DIR=WORK)
    script = f'. "{HERE}/../system/lib.sh" && rmdir "$test_dir" && {command}'
    return subprocess.run(["bash", "-c", script, "robust.sh"], env=env, check=True, capture_output=True, text=True).stdout


def prepare_host():
    become_reaper()
    os.makedirs("/run/robust", exist_ok=True)
    os.makedirs(f"{WORK}/pids", exist_ok=True)
    if not os.path.isdir(f"{WORK}/rootfs"):
        shell_lib(f"make_rootfs {WORK}/rootfs")


_base = []


def bundle(name, edit=None):
    """A bundle directory whose configuration `edit` may change in place."""
    if not _base:
        _base.append(shell_lib("base_config"))
    config = json.loads(_base[0])
    config["root"]["path"] = f"{WORK}/rootfs"
    config["process"]["args"] = ["/bin/ctr-probe", "sleep", "100000"]
    config["linux"]["cgroupsPath"] = f"ctr-rb.slice:rb:{name}"
    if edit:
        edit(config)
    path = f"{WORK}/bundle-{name}"
    os.makedirs(path, exist_ok=True)
    with open(f"{path}/config.json", "w") as f:
        json.dump(config, f)
    return path


# ---- what is there ----

def read(path):
    try:
        with open(path, errors="replace") as f:
            return f.read()
    except OSError:
        return ""


def processes(cid, unit, excluded=()):
    """Live processes of a container by command line or cgroup: pid and what it is."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) in excluded or int(name) == os.getpid():
            continue
        stat = read(f"/proc/{name}/stat")
        if not stat or stat.rsplit(")", 1)[-1].split()[0] in "ZX":
            continue
        line = read(f"/proc/{name}/cmdline").split("\0")
        if unit in read(f"/proc/{name}/cgroup") or \
                any(word == cid or word.endswith(f"/containers/{cid}") for word in line):
            found[int(name)] = " ".join(line).strip() or stat.split()[1]
    return found


def cgroups(unit):
    return [d for d, _, _ in os.walk("/sys/fs/cgroup") if os.path.basename(d) == unit]


def units(word):
    """Loaded units whose names contain the word, with their states."""
    out = subprocess.run(["systemctl", "list-units", "--all", "--plain", "--no-legend", f"*{word}*"],
                         capture_output=True, text=True).stdout
    return [" ".join(line.split()[:4]) for line in out.splitlines()]


def mounts():
    return {line.split(" ", 4)[4] for line in read("/proc/self/mountinfo").splitlines()}


def files_of_systemd(unit):
    found = []
    for top in ("/run/systemd/transient", "/run/systemd/system.control", "/run/systemd/system"):
        for d, names, files in os.walk(top):
            found += [f"{d}/{n}" for n in names + files if unit in n]
    return found


class Baseline:
    """What is there before anything is started. Leftovers are looked for against it."""

    def __init__(self):
        self.mounts = mounts()
        self.temporary = self.listing()

    @staticmethod
    def listing():
        return {f"{d}/{n}" for d in ("/tmp", "/run/ctrunit", f"{WORK}/pids", "/dev/shm")
                if os.path.isdir(d) for n in os.listdir(d) if not n.startswith("systemd-private-")}

    def leftovers(self, runtime, cid):
        reap()
        unit = runtime.unit(cid)
        left = [f"process {p} ({what})" for p, what in processes(cid, unit).items()]
        left += [f"cgroup {c}" for c in cgroups(unit)]
        left += [f"unit {u}" for u in units(unit)]
        left += [f"state {s}" for s in runtime.state_paths(cid)]
        left += [f"mount {m.split(' ')[0]}" for m in mounts() - self.mounts if "/credentials/" not in m]
        left += [f"file {f}" for f in files_of_systemd(unit)]
        left += [f"file {f}" for f in self.listing() - self.temporary if f != pid_file(cid)]
        return left

    def settled_leftovers(self, runtime, cid):
        """What is still left after the moment that systemd is given."""
        left = []

        def is_clean():
            left[:] = self.leftovers(runtime, cid)
            return not left
        until(is_clean, settle_seconds(runtime))
        return left

    def scrub(self, runtime, cid):
        """By force, so that one find does not become the next one's."""
        unit = runtime.unit(cid)
        for group in cgroups(unit):
            try:
                with open(f"{group}/cgroup.kill", "w") as f:
                    f.write("1")
            except OSError:
                pass
        for pid in processes(cid, unit):
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        time.sleep(0.05)
        reap()
        subprocess.run(["systemctl", "stop", unit], capture_output=True)
        subprocess.run(["systemctl", "reset-failed", unit], capture_output=True)
        for mount in mounts() - self.mounts:
            subprocess.run(["umount", "-l", mount.split(" ")[0]], capture_output=True)
        for path in runtime.state_paths(cid):
            shutil.rmtree(path, ignore_errors=True)
        for path in self.listing() - self.temporary:
            if os.path.isfile(path):
                os.unlink(path)
        self.mounts, self.temporary = mounts(), self.listing()


# ---- TAP ----

class Tap:
    def __init__(self, name):
        self.name, self.number, self.failed = name, 0, 0

    def ok(self, is_true, what, details=()):
        self.number += 1
        self.failed += not is_true
        print(f"{'ok' if is_true else 'not ok'} {self.number} - {self.name}: {what}", flush=True)
        if not is_true:
            for line in list(details)[:40]:
                print("#   " + str(line).replace("\n", "\n#   "), flush=True)
        return is_true

    def say(self, text):
        print(f"# {text}", flush=True)

    def bar(self, number, runtime, value):
        """A measured value for the table of bars.py."""
        self.say(f"bar\t{number}\t{runtime}\t{value}")

    def skip(self, what, reason):
        self.number += 1
        print(f"ok {self.number} - {self.name}: {what} # SKIP {reason}", flush=True)

    def end(self):
        print(f"1..{self.number}")
        return 1 if self.failed else 0

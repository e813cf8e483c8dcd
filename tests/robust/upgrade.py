#!/usr/bin/env python3
"""The whole package is replaced by one with another version of the state, while containers run.

    upgrade.py [--containers N]

A third of them is transient, a third an engine's, a third configured. Every installed file is replaced (new inodes,
as a package manager does it), the programs by those of the next version, and systemd reads its units again. No
container is touched by that: pids, start times and invocations stay. Then the new programs list them all, execute in
them, pause and resume, stop and delete them, and make new ones.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys

from common import BUILD, RUNTIMES, WORK, Baseline, Tap, bundle, prepare_host, read, reap, run, until

NATIVE, ENGINE = RUNTIMES[0], RUNTIMES[1]
CONFIGURED = "/etc/ctrunit/containers"
FILES = ("/usr/bin/ctrctl", "/usr/bin/ctr-runtime", "/usr/lib/ctrunit", "/usr/lib/systemd/system/ctr.slice",
         "/usr/lib/systemd/system/ctr@.service.d", "/usr/lib/systemd/system-generators/ctr-generator",
         "/usr/lib/tmpfiles.d/ctrunit.conf")


def start_all(tap, count):
    """Ids by runtime; configured ones are the native runtime's too."""
    ids = {NATIVE: [], ENGINE: []}
    errors = []
    for i in range(count):
        cid = f"up-{i}"
        runtime = ENGINE if i % 3 == 1 else NATIVE
        if i % 3 == 2:
            os.makedirs(f"{CONFIGURED}/{cid}", exist_ok=True)
            shutil.copy(f"{bundle(cid)}/config.json", f"{CONFIGURED}/{cid}/config.json")
        elif i % 2:
            errors += [r for r in (runtime("run", "-d", "--bundle", bundle(cid), cid),) if not r.ok]
        else:
            errors += [r for r in (runtime(*runtime.create_words(cid, bundle(cid))), runtime("start", cid)) if not r.ok]
        ids[runtime].append(cid)
    run(["systemctl", "daemon-reload"])
    errors += [r for r in (run(["systemctl", "start"] + [NATIVE.unit(f"up-{i}") for i in range(2, count, 3)]),) if not r.ok]
    tap.ok(not errors, f"{count} containers of the old version run", errors)
    # One that only waits at its gate, and one that has ended.
    for cid in ("up-created", "up-ended"):
        errors += [r for r in (NATIVE(*NATIVE.create_words(cid, bundle(cid))),) if not r.ok]
    NATIVE("start", "up-ended")
    NATIVE("kill", "up-ended", "KILL")
    until(lambda: NATIVE.status("up-ended") == "stopped")
    return ids


def facts(ids):
    """What nobody may change: per container its status, pid and invocation, and the start time of the process."""
    found = {}
    for runtime, names in ids.items():
        for cid in names:
            state = json.loads(runtime("state", cid).text)
            stat = read(f"/proc/{state['pid']}/stat").rsplit(")", 1)[-1].split()
            found[cid] = (state["status"], state["pid"], state.get("invocationID"), stat[19] if len(stat) > 19 else None)
    return found


def replace(path, source=None):
    """By a new file and rename, like dpkg."""
    shutil.copy2(source or path, f"{path}.dpkg-new")
    os.rename(f"{path}.dpkg-new", path)


def kept(path):
    return f"{WORK}/old{path}"


def upgrade():
    for top in FILES:
        files = [top] if os.path.isfile(top) else [f"{d}/{n}" for d, _, names in os.walk(top) for n in names]
        for path in files:
            name = os.path.basename(path)
            os.makedirs(os.path.dirname(kept(path)), exist_ok=True)
            shutil.copy2(path, kept(path))
            replace(path, f"{BUILD}/tests/robust/{name}-next" if name in ("ctrctl", "ctr-runtime") else None)
    run(["systemctl", "daemon-reload"])


def downgrade():
    """What was there before, for whoever uses this host next."""
    for directory, _, names in os.walk(kept("/usr")):
        for name in names:
            path = f"{directory}/{name}"
            replace(path.removeprefix(kept("")), path)
    run(["systemctl", "daemon-reload"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--containers", type=int, default=50)
    options = parser.parse_args()
    tap = Tap("upgrade")
    prepare_host()
    baseline = Baseline()
    ids = start_all(tap, options.containers)
    before = facts(ids)
    old = read("/run/ctrunit/containers/up-0/state.json")
    upgrade()
    new_version = NATIVE(*NATIVE.create_words("up-new", bundle("up-new")))
    tap.ok(new_version.ok, "the new version creates", [new_version])
    written = json.loads(read("/run/ctrunit/containers/up-new/state.json") or "{}").get("version")
    tap.ok(written and written != json.loads(old)["version"], f"its state has another version ({written})")
    after = facts(ids)
    tap.ok(after == before, "no container was touched", [f"{c}: {before[c]} {after[c]}" for c in before if before[c] != after[c]])
    tap.ok(all(f[0] == "running" for f in after.values()), "all are running")
    tap.ok(NATIVE.status("up-created") == "created", "one that waits still waits")
    tap.ok(NATIVE.status("up-ended") == "stopped", "one that has ended is shown as such")
    for runtime, names in ids.items():
        shown = set(runtime.ids())
        tap.ok(set(names) <= shown, f"list of {runtime.name} has all", set(names) - shown)
    tap.ok(NATIVE("start", "up-created").ok and NATIVE.status("up-created") == "running", "start of one that waited")
    for verb, words in (("exec", ("/bin/true",)), ("pause", ()), ("resume", ()), ("ps", ()), ("update", ()), ("kill", ("KILL",))):
        bad = []
        for runtime, names in ids.items():
            for cid in names:
                argv = runtime.update_words(cid) if verb == "update" else (verb, cid) + words
                result = runtime(*argv)
                if not result.ok:
                    bad.append(f"{cid}: {result}")
        tap.ok(not bad, f"{verb} in each", bad)
    ids[NATIVE] += ["up-created", "up-ended", "up-new"]

    def not_ended():
        reap()
        return [c for r, names in ids.items() for c in names if c != "up-new" and c != "up-created" and
                r.status(c) not in ("stopped", None)]
    tap.ok(until(lambda: not not_ended()), "all have ended", not_ended())
    bad = []
    for runtime, names in ids.items():
        for cid in names:
            result = runtime("delete", "-f", cid)
            if not result.ok:
                bad.append(f"{cid}: {result}")
    shutil.rmtree(CONFIGURED, ignore_errors=True)
    run(["systemctl", "daemon-reload"])
    tap.ok(not bad, "delete of each", bad)
    shutil.rmtree(f"{WORK}/pids")

    def leftovers():
        # `update` of a configured unit lasts until the next boot, as with systemctl set-property --runtime.
        return [x for runtime, names in ids.items() for cid in names for x in baseline.leftovers(runtime, cid)
                if "system.control" not in x]
    left = until(lambda: not leftovers()) and [] or leftovers()
    tap.ok(not left, "nothing is left", left)
    downgrade()
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())

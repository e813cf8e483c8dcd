#!/usr/bin/env python3
"""Containers and pods have one implementation: what ctrctl, ctr-runtime and the D-Bus service do to them are functions
runtime_*, the same that libctrunit is made of, and none of them goes past these to systemd, cgroups or state. Read from
the symbols of what was compiled. TAP.

    one-way.py BUILD-ROOT
"""

import glob
import os
import re
import subprocess
import sys

# Operations that a program has and the library not, and why.
OWN = {
    "runtime_compile": "the unit of a configured container has it done: ctrctl compile",
    "runtime_restore": "at the caller's terminal; ctr_factory_restore() is criu_options_restore()",
    "runtime_run": "a run at the caller's terminal with its signals; ctr_container_run() starts and waits",
    "runtime_write_default_config": "runtime_print_default_config() into a file",
    "runtime_survey": "runtime_list() and runtime_state() of each, as a table needs them",
    "runtime_survey_done": "the same",
    "runtime_strv_done": "memory",
    "runtime_update_rdt": "lines in a directory of resctrl, which is the administrator's",
    "runtime_events": "prints what ctr_container_get_stats() and ctr_notifier_next() give",
    "runtime_ps_write": "lines of ps(1) about runtime_ps()",
    "runtime_ps_table": "the same",
    "runtime_health": "a check, made in a unit: the library reads runtime_health_report()",
    "runtime_unpack": "in a unit that may do nothing else, which runtime_import() has too: ctrctl unpack",
    "runtime_unpack_unit": "the same",
    "runtime_import_create": "the second half of runtime_import(): the service has a unit for each",
    "runtime_create_stored": "runtime_create() with a bundle of ours, for a descriptor as root file system",
    "runtime_choose_id": "a name",
    "runtime_check_free": "a look",
    "runtime_pod_enter": "runtime_pod_check_enter() and runtime_exec(), at the caller's terminal",
    "runtime_pod_exists": "a look",
    "runtime_pod_up": "the service of a .pod file has it done: ctrctl pod up",
    "runtime_pod_down": "the same: ctrctl pod down",
    "runtime_pod_roots": "a look",
    "runtime_pod_pause_container": "runtime_pause() of a pod's container by its own object",
    "runtime_pod_resume_container": "the same",
    "runtime_pod_remove_container": "the same of deletion by force",
}
# Of the quick programs' own.
QUICK = {
    "runtime_exec": "a plain exec by exec_launch() of lib/runtime, any other by the whole program",
}
# What else of lib/runtime they call: it reads, prints or frees.
HELPERS = re.compile(
    r".*(_done|_print|_name|_report|_format|_error)$|strv_|info_print_|container_(open|get_|status)|stats_read|net_dev_read|"
    r"exit_record_read|doctor_examine|rootfs_user_|trust_open|criu_options_|veth_(read|attach)|bundle_store_|cgroup_of_process|path_make_")
# What of lib/sd: messages over the bus of another host.
TRANSPORT = re.compile(r"sd_load|sd_write_")

number = failed = 0


def ok(name, wrong):
    global number, failed
    number += 1
    failed += bool(wrong)
    print(f"{'not ' if wrong else ''}ok {number} - one-way: {name}")
    for line in sorted(wrong):
        print(f"#   {line}")


def symbols(paths, which):
    out = subprocess.run(["nm", which, *paths], capture_output=True, text=True, check=True).stdout
    return {word[-1].split("@")[0] for word in map(str.split, out.splitlines())
            if len(word) >= 2 and word[-2] in ("U", "T")}


def objects(build, *directories):
    found = [path for d in directories for path in glob.glob(os.path.join(build, d, "*.p", "*.o"))]
    assert found, directories
    return found


def main():
    build = sys.argv[1]
    runtime = symbols([os.path.join(build, "lib/runtime/libruntime.a")], "--defined-only")
    systemd = symbols([os.path.join(build, "lib/sd/libsd.a")], "--defined-only")
    operations = {s for s in runtime if s.startswith("runtime_")}
    library = symbols(objects(build, "lib/api"), "--undefined-only") & operations
    ok(f"the library is made of them ({len(library)} of {len(operations)})",
       [] if len(library) > 45 else ["too few were found"])
    used = set()
    for name, directory in (("ctrctl and ctr-runtime", "ctl"), ("the D-Bus service", "manager")):
        wants = symbols(objects(build, directory), "--undefined-only")
        used |= wants & operations
        ok(f"{name}: every operation is one of the library's, or says why not ({len(wants & operations)})",
           wants & operations - library - set(OWN))
        ok(f"{name}: what else it calls of lib/runtime reads, prints or frees",
           {s for s in wants & runtime - operations if not HELPERS.match(s)})
        ok(f"{name}: nothing goes to systemd past them", {s for s in wants & systemd if not TRANSPORT.match(s)})
    ok("what says why not is no operation of the library, and is used", {s for s in OWN if s in library or s not in used})
    # The static programs: the same files compiled again, with another client of the bus below them.
    quick = os.path.join(build, "ctl/quick/libquick.a.p")
    if os.path.isdir(quick):
        files = [f for f in os.listdir(quick) if f.endswith(".o")]
        same = [os.path.join(quick, f) for f in files if "lib_runtime_" in f]
        others = [os.path.join(quick, f) for f in files if "lib_runtime_" not in f]
        ok(f"the quick ctrctl has them of the same files ({len(same)})",
           (symbols(others, "--defined-only") & operations) - set(QUICK) or ["too few were found"] * (len(same) < 40))
    else:
        ok("the quick ctrctl: # SKIP built without musl", [])
    print(f"1..{number}")
    return failed > 0


sys.exit(main())

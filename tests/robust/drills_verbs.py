"""Fault drills of every verb: what is short or missing on the host is so for each of them in turn, quick programs and
whole ones alike. A verb may fail then, in a line that says why, and not do a part of its work in silence."""

import contextlib
import os
import resource
import subprocess

from common import LONG, WORK, bundle, reap, settle_seconds, until

# Verb: what the container is before, and after when it succeeds.
VERBS = {
    "create": (None, "created"),
    "run": (None, "running"),
    "start": ("created", "running"),
    "state": ("running", "running"),
    "list": ("running", "running"),
    "ps": ("running", "running"),
    "exec": ("running", "running"),
    "pause": ("running", "paused"),
    "resume": ("paused", "running"),
    "update": ("running", "running"),
    "kill": ("running", "stopped"),
    "delete": ("stopped", None),
    "delete-force": ("running", None),
}
OUTPUT = f"{WORK}/output"  # not below /run, which may be full


def words_of(d, verb, cid):
    if verb == "create":
        return d.runtime.create_words(cid, bundle(cid))
    if verb == "run":
        return ("run", "-d", "--bundle", bundle(cid), cid)
    if verb == "update":
        return d.runtime.update_words(cid)
    return {"list": ("list",), "exec": ("exec", cid, "/bin/true"), "kill": ("kill", cid, "KILL"),
            "delete-force": ("delete", "-f", cid)}.get(verb, (verb, cid))


def becomes(d, cid, status):
    """Waits for a status. What an engine's container left is ours to reap."""
    return until(lambda: (reap(), d.runtime.status(cid))[1] == status, settle_seconds(d.runtime))


def bring(d, cid, status):
    steps = {None: (), "created": ("create",), "running": ("create", "start"), "paused": ("create", "start", "pause"),
             "stopped": ("create", "start", "kill")}[status]
    for step in steps:
        result = d.runtime(*words_of(d, step, cid), output=OUTPUT)
        d.expect(result.ok, f"before: {step}: {result}")
    d.expect(becomes(d, cid, status), f"before: {cid} is {d.runtime.status(cid)}")


def one_verb(d, verb, label, trouble, options):
    """Returns whether it was done. What it says is true, and one `delete -f` leaves nothing."""
    before, after = VERBS[verb]
    cid = d.id(verb)
    where = f"{verb} with {label}"
    bring(d, cid, before)
    with trouble():
        result = d.runtime(*words_of(d, verb, cid), output=OUTPUT, **options)
    d.expect(result.code is not None, f"{where} hangs")
    d.expect(result.code is None or result.code >= 0, f"{where} crashes: {result}")
    d.expect(result.ok or result.text.strip(), f"{where} fails silently")
    if result.ok or not verb.startswith("delete"):  # half of a delete is a container without a process
        d.expect(becomes(d, cid, after if result.ok else before),
                 f"{where}: {result}; it was {before}, and is {d.runtime.status(cid)}")
    d.delete(cid)
    return result.ok


def every_verb(cases):
    """cases(d): labels, troubles to be in, and options of the command. The figure: who was refused how often."""
    def drill(d):
        refused = {}
        count = 0
        for label, trouble, options in cases(d):
            for verb in VERBS:
                count += 1
                if not one_verb(d, verb, label, trouble, options):
                    refused[verb] = refused.get(verb, 0) + 1
            d.no_leftovers()
        words = " ".join(f"{v}:{n}" for v, n in sorted(refused.items()))
        return f"{len(d.complaints)} wrong of {count}, refused {words or 'none'}"
    return drill


def few_descriptors(_):
    for n in range(4, 65, 3) if LONG else (4, 7, 9, 12):
        yield f"{n} descriptors", contextlib.nullcontext, \
            {"limits": lambda n=n: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n))}


def no_bus(_):
    env = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS="unix:path=/run/robust/nowhere")
    yield "no bus", contextlib.nullcontext, {"env": env}


@contextlib.contextmanager
def full_run(pages):
    """/run has that many free pages: PID 1's files, states and sockets are all below it."""
    stat = os.statvfs("/run")
    size, ballast = stat.f_blocks * stat.f_frsize, "/run/robust/ballast"
    used = size - stat.f_bfree * stat.f_frsize

    def resize(to):
        subprocess.run(["mount", "-o", f"remount,size={to // 1024}k", "/run"], check=True)
    resize(used + 2097152)
    try:
        with open(ballast, "wb", buffering=0) as f:
            try:
                while f.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        os.truncate(ballast, max(0, os.stat(ballast).st_size - pages * 4096))
        yield
    finally:
        os.unlink(ballast)
        resize(size)


def run_full(_):
    for pages in (0, 1, 2, 3, 4, 8) if LONG else (0, 3):
        yield f"{pages} pages free in /run", lambda n=pages: full_run(n), {}


class ReadOnlyRun:
    """The command's own /run: descriptors of others keep the file system from being read-only for all."""

    def __init__(self, d):
        self.d = d

    def __enter__(self):
        self.kept = self.d.runtime.argv
        script = 'mount --bind /run /run && mount -o remount,bind,ro /run && exec "$@"'
        self.d.runtime.argv = ["unshare", "--mount", "sh", "-c", script, "sh"] + self.kept

    def __exit__(self, *unused):
        self.d.runtime.argv = self.kept


def run_read_only(d):
    yield "/run read-only", lambda: ReadOnlyRun(d), {}


def life(d, cid):
    """All verbs of one container, from its begin to its end."""
    return [words_of(d, v, cid) for v in ("create", "start", "state", "list", "ps", "exec", "pause", "resume", "update", "kill",
                                          "delete-force")]


DRILLS = {
    "verbs-descriptors": every_verb(few_descriptors),
    "verbs-no-bus": every_verb(no_bus),
    "verbs-run-full": every_verb(run_full),
    "verbs-run-read-only": every_verb(run_read_only),
}

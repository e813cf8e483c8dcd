"""The bundles that rows use, each a change of the system tests' base configuration."""


def command(*words):
    def edit(config):
        config["process"]["args"] = list(words)
    return edit


def shell(text):
    return command("/bin/sh", "-c", text)


def both(*edits):
    def edit(config):
        for each in edits:
            each(config)
    return edit


def terminal(config):
    config["process"]["terminal"] = True


def annotated(config):
    config["annotations"] = {"k": "v \"q\""}


def host_pids(config):
    config["linux"]["namespaces"] = [n for n in config["linux"]["namespaces"] if n["type"] != "pid"]
    proc = next(m for m in config["mounts"] if m["destination"] == "/proc")
    proc.update(type="bind", source="/proc", options=["rbind", "ro"])
    config["linux"]["maskedPaths"] = config["linux"]["readonlyPaths"] = []


def shown_keys(config):
    config["process"]["args"] = ["/bin/cat", "/proc/keys"]
    config["linux"]["maskedPaths"] = []


def cgroup_path(path):
    def edit(config):
        config["linux"]["cgroupsPath"] = path
    return edit


def host_cgroup(config):
    config["linux"]["namespaces"] = [n for n in config["linux"]["namespaces"] if n["type"] != "cgroup"]


def hook(kind, *words):
    def edit(config):
        config.setdefault("hooks", {})[kind] = [{"path": words[0], "args": list(words)}]
    return edit


BUNDLES = {
    "sleep": command("/bin/ctr-probe", "sleep", "100000"),
    "true": command("/bin/true"),
    "exit3": shell("exit 3"),
    "killed": both(shell("kill -9 $$"), host_pids),
    "hello": shell("echo out; echo err >&2; exit 7"),
    "nope": command("/nope"),
    "nopath": command("nope"),
    "noexec": command("/etc/passwd"),
    "term": shell("trap 'exit 5' TERM; : >/ready; while :; do sleep 0.05; done"),
    "signals": shell("trap ': >/heard' USR1; : >/ready; while :; do sleep 0.05; done"),
    "three": shell("sleep 90000 & sleep 90001 & wait"),
    "three-host": both(shell("sleep 90000 & sleep 90001 & wait"), host_pids),
    "tty": both(command("/bin/ctr-probe", "sleep", "100000"), terminal),
    "fd3": shell("cat <&3"),
    "listen": shell("echo $LISTEN_FDS $LISTEN_PID; cat <&3"),
    "keys": shown_keys,
    "once": shell("echo old >/said; sleep 100000"),
    "annotated": both(command("/bin/ctr-probe", "sleep", "100000"), annotated),
    "cgroupfs": both(command("/bin/ctr-probe", "sleep", "100000"), cgroup_path("/peers-RUNTIME/c1")),
    "own-cgroup": both(command("/bin/cat", "/proc/self/cgroup"), host_cgroup),
    "in-host-cgroup": both(command("/bin/ctr-probe", "sleep", "100000"), host_cgroup),
    "badhook": both(command("/bin/true"), hook("poststart", "/bin/false")),
}

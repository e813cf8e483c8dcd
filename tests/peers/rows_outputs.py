"""state, list, ps, events and features: what verbs print."""

from row import NO_FILE, NOT_FOUND, NOT_RUNNING, Row, end_of_shared, with_container, with_shared

HAS_NONE = "crun 1.8 has no such verb"

# ---- shapes: names and kinds of members, in order ----

STATE = "ociVersion:str,id:str,pid:int,status:str,bundle:str,rootfs:str,created:str,{annotations}owner:str"
OWN_STATE = f"{STATE},unit:str,invocationID:str"
CRUN_STATE = "ociVersion:str,id:str,pid:int,status:str,bundle:str,rootfs:str,created:str,systemd-scope:str,owner:str"

# As Go's decoder of runc's types/events.go wants them. What is optional there, is left out by its own encoder when it is 0.
PRESSURE = "(,psi:{some:{LINE},full:{LINE}})?".replace("LINE", "avg10:float,avg60:float,avg300:float,total:int")
CPUSET = ",".join(f"{name}:int" for name in (
    "cpu_exclusive", "mem_hardwall", "mem_exclusive", "memory_migrate", "memory_spread_page", "memory_spread_slab", "memory_pressure",
    "sched_load_balance", "sched_relax_domain_level"))
MEMORY_ENTRY = "{limit:int(,usage:int)?(,max:int)?,failcnt:int}"
IO_LIST = r"\[({major:int,minor:int,op:str,value:int})?\]"
STATS = (
    "{type:str,id:str,data:{"
    f"cpu:{{usage:{{total:int(,percpu:\\[int\\])?,kernel:int,user:int}},throttling:{{(periods:int)?(,?throttledPeriods:int)?(,?throttledTime:int)?}}{PRESSURE}}},"
    f"cpuset:{{{CPUSET}}},"
    f"memory:{{(cache:int,)?usage:{MEMORY_ENTRY},swap:{MEMORY_ENTRY},kernel:{MEMORY_ENTRY},kernelTCP:{MEMORY_ENTRY}(,raw:{{((\\w+:int,?)+)?}})?{PRESSURE}}},"
    "pids:{current:int(,limit:int)?},"
    f"blkio:{{(ioServiceBytesRecursive:{IO_LIST},?)?(ioServicedRecursive:{IO_LIST})?{PRESSURE}}},"
    r"hugetlb:{(\w+:{usage:int,max:int,failcnt:int},?)*},"
    "intel_rdt:{},network_interfaces:null}}"
).replace("{", r"\{").replace("}", r"\}")

# The document of features.md and features-linux.md: which members there are, and what they are made of.
WORDS = r"\[str\]"
FEATURES = (
    f"{{ociVersionMin:str,ociVersionMax:str,hooks:{WORDS},mountOptions:{WORDS},linux:{{namespaces:{WORDS},capabilities:{WORDS},"
    "cgroup:{v1:bool,v2:bool,systemd:bool,systemdUser:bool,rdma:bool},"
    f"seccomp:{{enabled:bool,actions:{WORDS},operators:{WORDS},archs:{WORDS},knownFlags:{WORDS},supportedFlags:{WORDS}}},"
    "apparmor:{enabled:bool},selinux:{enabled:bool},netDevices:{enabled:bool},intelRdt:{enabled:bool,schemata:bool,monitoring:bool},"
    f"mountExtensions:{{idmap:{{enabled:bool}}}},memoryPolicy:{{modes:{WORDS},flags:{WORDS}}}}},"
    f"annotations:{{([a-zA-Z.]+:str,?)+}},potentiallyUnsafeConfigAnnotations:{WORDS}}}"
).replace("{", r"\{").replace("}", r"\}")


def braced(text):
    return text.replace("{", r"\{").replace("}", r"\}")


def stopped(name, script, *rest, **others):
    return with_container(name, "sleep", f"x kill c KILL; await c stopped; {script}", *rest, **others)


ROWS = [
    # ---- state ----
    Row("state of nothing", "x state nope", NOT_FOUND, "err", crun=NO_FILE),
    Row("state: members", "x create -b $B/annotated c; x state c; x delete -f c", braced("0 {" + OWN_STATE.format(annotations="annotations:{k:str},") + "}"), "shape",
        why="unit and invocationID are ours, systemd-scope crun's", crun=braced("0 {" + CRUN_STATE + ",annotations:{k:str}}"),
        runc=braced("0 {" + STATE.format(annotations="annotations:{k:str},") + "}")),
    Row("state: members without annotations", "x create -b $B/sleep c; x state c; x delete -f c", braced("0 {" + OWN_STATE.format(annotations="") + "}"), "shape",
        crun=braced("0 {" + CRUN_STATE + "}"), runc=braced("0 {" + STATE.format(annotations="") + "}")),
    Row("state: created", "x create -b $B/sleep c; status c; x delete -f c", "0 created", "out"),
    with_shared("state: running", "status c", "0 running", "out"),
    with_shared("state: paused", "x pause c; status c; x resume c", "0 paused", "out"),
    with_shared("state: bytes", "x state c | sed -E 's/\"pid\": [0-9]+/\"pid\": N/; s/[0-9a-f]{32}/H/'",
                   r'0 \{\\n  "ociVersion": "1.0.2",\\n  "id": "c",\\n  "pid": N,\\n  "status": "running",\\n  "bundle": "DIR/sleep",\\n  "rootfs": "DIR/rootfs",\\n'
                   r'  "created": "TIME",\\n  "owner": "root",\\n  "unit": "ctr@c.service|ctr-c.scope",\\n  "invocationID": "H?"\\n\}'.replace("ctr@c.service|ctr-c.scope", "(ctr@c.service|ctr-c.scope)"),
                   "out", why="its version of the specification, and no owner", crun=".*", runc=r'0 \{\\n  "ociVersion": .*"owner": ""\\n\}'),
    end_of_shared("state"),
    stopped("state: stopped: no pid", "status c; pid c", r"0 stopped\\n0", "out"),
    # ---- list ----
    Row("list of nothing: table", "x list", "0 ID          PID         STATUS      BUNDLE      CREATED     OWNER", "out", why="crun's other columns", crun="0 NAME .*"),
    Row("list of nothing: JSON", "x list -f json", r"0 \[\]", "out", why="Go takes null for it", crun=r"0 \[\\n\\n\]", runc="0 null"),
    Row("list of nothing: ids", "x list -q", "0", "out"),
    with_shared("list: table", "x list | sed \"s/$(pid c) /N /\" | tr -s ' '", r"0 ID PID STATUS BUNDLE CREATED OWNER\\nc N running DIR/sleep TIME root", "out",
                   crun=r"0 NAME .*\\nc N running DIR/sleep TIME root"),
    with_shared("list: columns", "x list --format table | sed 's/ *$//' | awk '{ print index($0, \"PID\"), index($0, \"STATUS\"), index($0, \"BUNDLE\"); exit }'", "0 13 25 37", "out",
                   why="runc's grow with the id alike", crun=".*", runc="0 13 25 37"),
    with_shared("list --format json: members", "x list --format json", braced(r"0 \[{" + OWN_STATE.format(annotations="") + r"}\]"), "shape",
                   crun=".*", runc=braced(r"0 \[{" + STATE.format(annotations="") + r"}\]")),
    with_shared("list -f json: one line", "x list -f json | wc -l", "0 1", "out", why="crun's is for people", crun=r"0 \d+"),
    with_shared("list --quiet", "x list --quiet", "0 c", "out"),
    with_shared("list --quiet --format json: ids", "x list --quiet --format json", "0 c", "out", why="crun: JSON all the same", crun=".*"),
    Row("list -f of nothing known", "x list -f xml", "1 invalid format.*", "err"),
    with_shared("list: what cannot be read is said and skipped", "for d in $R $R/containers; do mkdir -p $d/broken; echo '{' >$d/broken/state.json; done; "
                   "x list -q 2>said; r=$?; cut -d: -f2-4 said; x list 2>/dev/null | tail -n +2 | cut -c1-3; rm -r $R/broken $R/containers/broken; (exit $r)",
                   r"0 c\\n warning: broken: state.json\\nc", "out", why="crun skips in silence", crun=r"0 c\\nc", runc=".*"),
    with_shared("list: a file is no container", "mkdir -p $R/containers; touch $R/stray $R/containers/stray; x list -q 2>&1; rm $R/stray $R/containers/stray", "0 c", "out", runc=".*"),
    # ---- ps ----
    with_shared("ps -f json", "x ps -f json c | sed \"s/$(pid c)/N/\"", r"0 \[N\]", "out", why="crun's is for people", crun=r"0 \[\\n  N\\n\]"),
    with_shared("ps of a paused one", "x pause c; x ps -f json c | sed \"s/$(pid c)/N/\"; x resume c", r"0 \[N\]", "out", crun=r"0 \[\\n  N\\n\]"),
    with_shared("ps: table", "x ps c | tr -s ' ' | cut -d' ' -f1,2 | sed \"s/$(pid c)/N/\"", r"0 UID PID\\nroot N", "out", why="crun: pids only", crun=r"0 PID\\nN"),
    with_shared("ps ID OPTIONS", "x ps c -o pid,comm | sed \"s/$(pid c)/N/\" | tr -s ' ' | sed 's/^ //'", r"0 PID COMMAND\\nN ctr-probe", "out", why="crun has none", crun=".*"),
    with_shared("ps: options without a pid", "x ps c -o comm", "1 .*PID.*", "err", crun="1 .*"),
    with_shared("ps -f of nothing known", "x ps -f xml c", "1 invalid format.*", "err"),
    end_of_shared("list and ps"),
    with_container("ps --format json", "three", "until [ \"$(x ps --format json c | tr -cd , | wc -c)\" = 2 ]; do sleep 0.02; done; x ps --format json c", r"0 \[int\]", "shape"),
    stopped("ps -f json of a stopped one", "x ps -f json c", r"0 \[\]\|", "all", why="runc: null", crun=".*", runc=r"0 null\|"),
    stopped("ps of a stopped one: the header", "x ps c | tr -s ' ' | cut -d' ' -f1,2", "0 UID PID", "out", crun=".*"),
    Row("ps of nothing", "x ps nope", NOT_FOUND, "err", why="crun's exit code is a mistake", crun="253 .*"),
    # ---- events ----
    Row("events of nothing", "x events nope", NOT_FOUND, "err", why=HAS_NONE, crun=None),
    stopped("events of a stopped one", "x events c", NOT_RUNNING, "err", why="runc's other words", crun=None, runc="1 container with id c is not running"),
    stopped("events --stats of a stopped one", "x events --stats c", NOT_RUNNING, "err", why="runc's other words", crun=None, runc="1 container with id c is not running"),
    with_shared("events --stats: members", "x events --stats c", f"0 {STATS}", "shape", why=HAS_NONE, crun=None),
    with_shared("events --stats of a paused one", "x pause c; x events --stats c | jq -r '.type,.id'; x resume c", r"0 stats\\nc", "out", why=HAS_NONE, crun=None),
    with_shared("events --stats: type and id", "x events --stats c | jq -r '.type,.id'", r"0 stats\\nc", "out", why=HAS_NONE, crun=None),
    with_shared("events: the stream, and its end", "timeout 60 \"${X[@]}\" events --interval 50ms c >ev & e=$!; until [ \"$(wc -l <ev)\" -ge 2 ]; do sleep 0.02; done; "
                   "x kill c KILL; wait $e; r=$?; jq -r .type ev | sort -u; (exit $r)", "0 stats", "out",
                   why="runc's waits for memory.events, which there is not without the controller", crun=None, runc=None),
    end_of_shared("events"),
    *[Row(f"events --interval {i}", f"x events --interval {i} nope", "1 --interval wants a time.*", "err", why="runc looks later", crun=None, runc="1 .*") for i in ("0s", "-1s", "x")],
    *[Row(f"events --interval {i}", f"x events --interval {i} nope", NOT_FOUND, "err", why=HAS_NONE, crun=None) for i in ("1h", "100ms", "1m30s")],
    # ---- features ----
    Row("features: members", "x features", f"0 {FEATURES}", "shape", why="runc's has those of its time", crun=None, runc=r"0 \{ociVersionMin:str,ociVersionMax:str,hooks:.*"),
    Row("features: versions and hooks", "x features | jq -c '[.ociVersionMin,.ociVersionMax],.hooks'",
        r'0 \["1.0.0","1.3.0"\]\\n\["prestart","createRuntime","createContainer","startContainer","poststart","poststop"\]', "out", crun=None, runc=".*"),
]

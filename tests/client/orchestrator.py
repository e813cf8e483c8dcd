#!/usr/bin/env python3
"""An orchestrator in Python (python3-dbus): what a program needs of org.ctrunit1 to run containers, in
the words of its objects, properties and signals. TAP.

    orchestrator.py BUNDLE ROOTFS PODS CONTAINERS-EACH
"""

import ctypes
import os
import sys
import time

import dbus
import dbus.mainloop.glib

# The main loop that python3-dbus hands its signals to.
glib = ctypes.CDLL("libglib-2.0.so.0")

N = 10


class Orchestrator:
    def __init__(self, bundle):
        dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
        self.bundle, self.bus = bundle, dbus.SystemBus()
        self.number, self.failed, self.seen = 0, 0, []
        root = self.bus.get_object("org.ctrunit1", "/org/ctrunit1")
        self.manager = dbus.Interface(root, "org.ctrunit1.Manager")
        self.objects = dbus.Interface(root, "org.freedesktop.DBus.ObjectManager")
        self.bus.add_signal_receiver(self.signal, dbus_interface="org.ctrunit1.Manager", member_keyword="member")
        self.manager.Subscribe()

    def signal(self, *args, member):
        self.seen.append((member, *[str(a) for a in args]))

    def container(self, path):
        return dbus.Interface(self.bus.get_object("org.ctrunit1", path), "org.ctrunit1.Container")

    def get(self, path, name):
        properties = dbus.Interface(self.bus.get_object("org.ctrunit1", path), "org.freedesktop.DBus.Properties")
        return properties.Get("org.ctrunit1.Container", name)

    def ok(self, good, name):
        self.number += 1
        self.failed += not good
        print(f"{'' if good else 'not '}ok {self.number} - orchestrator.py: {name}")

    def eventually(self, condition, name, seconds=30):
        deadline = time.monotonic() + seconds
        while not condition() and time.monotonic() < deadline:
            if not glib.g_main_context_iteration(None, False):
                time.sleep(0.01)
        self.ok(condition(), name)

    def saw(self, *words):
        return any(s[:len(words)] == words for s in self.seen)

    def error_of(self, function, *args):
        try:
            function(*args)
        except dbus.DBusException as e:
            return e.get_dbus_name()
        return None

    def run(self):
        paths = {}
        for i in range(N):
            name, path = self.manager.CreateContainer(f"py{i}", self.bundle, dbus.Dictionary({}, signature="sv"))
            paths[str(name)] = str(path)
        self.ok(len(paths) == N, f"{N} containers are created")
        self.ok(set(paths.values()) <= {str(p) for p in self.objects.GetManagedObjects()}, "GetManagedObjects has them")
        for path in paths.values():
            self.container(path).Start()
        self.eventually(lambda: all(self.saw("ContainerStarted", n) for n in paths), "each is signalled as started")
        self.ok(all(self.get(p, "State") == "running" for p in paths.values()), "State is running")
        first = paths["py0"]
        self.container(first).Pause()
        self.eventually(lambda: self.saw("Paused", "py0"), "Paused")
        self.ok(self.error_of(self.container(first).Pause) == "org.ctrunit1.Error.ContainerPaused", "errors have names")
        self.container(first).Resume()
        self.container(first).Update('{"pids":{"limit":50}}')
        ps = self.container(first).Ps()
        self.ok(len(ps) == 1 and int(ps[0][0]) == int(self.get(first, "Pid")), "Ps is the process")
        self.exec_with_pipe(first)
        for path in paths.values():
            self.container(path).Kill(9, False)
        self.eventually(lambda: all(self.saw("Exited", n, "signal", "killed", "9") for n in paths), "each end is told")
        for path in paths.values():
            self.container(path).Delete(False)
        self.eventually(lambda: all(self.saw("Removed", n) for n in paths), "each is removed")
        self.ok(not set(paths.values()) & {str(p) for p in self.objects.GetManagedObjects()}, "nothing is left")

    def pod(self, path):
        return dbus.Interface(self.bus.get_object("org.ctrunit1", path), "org.ctrunit1.Pod")

    def count(self, *words):
        return len({s for s in self.seen if s[:len(words)] == words})

    def run_pods(self, rootfs, n_pods, n_each):
        """Pods of containers; what becomes of them is known from signals."""
        self.seen.clear()
        cmd = dbus.Dictionary({"Args": dbus.Array(["/bin/sleep", "1000"], signature="s")}, signature="sv")
        pods = {}
        for i in range(n_pods):
            containers = [dbus.Dictionary({"ID": f"c{k}", "RootFs": rootfs, "Cmd": cmd}, signature="sv")
                          for k in range(n_each)]
            name, path = self.manager.RunPod({"ID": f"fleet{i}", "Containers": dbus.Array(containers, signature="a{sv}")})
            pods[str(name)] = str(path)
        total = n_pods * n_each
        self.eventually(lambda: self.count("PodStarted") == n_pods and self.count("ContainerStarted") == total,
                        f"{total} containers in {n_pods} pods are signalled as started")
        self.ok(self.count("PodContainerAdded") == total, "each is in its pod")
        for i in range(n_pods):
            for k in range(n_each):
                self.container(f"/org/ctrunit1/container/fleet{i}_2ec{k}").Update('{"pids":{"limit":66}}')
        self.pod(pods["fleet0"]).Pause()
        self.eventually(lambda: self.saw("PodPaused", "fleet0") and self.count("Paused") == n_each, "a pod is paused")
        self.ok(self.error_of(self.pod(pods["fleet0"]).Pause) == "org.ctrunit1.Error.BadState", "which cannot be paused twice")
        self.pod(pods["fleet0"]).Resume()
        self.eventually(lambda: self.saw("PodResumed", "fleet0") and self.count("Resumed") == n_each, "and resumed")
        self.pod(pods["fleet0"]).KillContainer("c0", 9, True)
        self.eventually(lambda: self.saw("Exited", "fleet0.c0", "signal", "killed", "9"), "the end of one is told")
        for path in pods.values():
            self.pod(path).Delete(True)
        self.eventually(lambda: self.count("PodRemoved") == n_pods and self.count("Removed") == total, "all are removed")
        self.ok(self.count("Exited") == total, "each has ended once")
        self.ok(not any("fleet" in p for p in self.objects.GetManagedObjects()), "no pod is left")

    def end(self):
        print(f"1..{self.number}")
        return self.failed > 0

    def exec_with_pipe(self, path):
        read_end, write_end = os.pipe()
        options = dbus.Dictionary({"args": dbus.Array(["/bin/sh", "-c", "echo from inside; exit 6"], signature="s"),
                                   "stdout": dbus.types.UnixFd(write_end)}, signature="sv")
        token, _pid, _unit, _fds = self.container(path).Exec("", options)
        os.close(write_end)
        del options
        result = [str(v) for v in self.container(path).WaitProcess(token)]
        self.ok(result == ["exit-code", "exited", "6"], "exec has its own exit status")
        self.ok(os.read(read_end, 100) == b"from inside\n", "and our pipe")


orchestrator = Orchestrator(sys.argv[1])
orchestrator.run()
orchestrator.run_pods(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
sys.exit(orchestrator.end())

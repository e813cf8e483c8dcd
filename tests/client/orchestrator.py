#!/usr/bin/env python3
"""An orchestrator in Python (python3-dbus): what a program needs of org.ctrunit1 to run containers, in
the words of its objects, properties and signals. TAP.

    orchestrator.py BUNDLE
"""

import sys

import dbus
import dbus.mainloop.glib
from gi.repository import GLib

N = 10


class Orchestrator:
    def __init__(self, bundle):
        dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
        self.bundle, self.bus, self.loop = bundle, dbus.SystemBus(), GLib.MainLoop()
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

    def eventually(self, condition, name, seconds=10):
        deadline = GLib.get_monotonic_time() + seconds * 1000000
        while not condition() and GLib.get_monotonic_time() < deadline:
            GLib.timeout_add(50, lambda: False)
            self.loop.get_context().iteration(True)
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
        print(f"1..{self.number}")
        return self.failed > 0

    def exec_with_pipe(self, path):
        import os
        read_end, write_end = os.pipe()
        options = dbus.Dictionary({"args": dbus.Array(["/bin/sh", "-c", "echo from inside; exit 6"], signature="s"),
                                   "stdout": dbus.types.UnixFd(write_end)}, signature="sv")
        token, _pid, _unit, _fds = self.container(path).Exec("", options)
        os.close(write_end)
        del options
        result = [str(v) for v in self.container(path).WaitProcess(token)]
        self.ok(result == ["exit-code", "exited", "6"], "exec has its own exit status")
        self.ok(os.read(read_end, 100) == b"from inside\n", "and our pipe")


sys.exit(Orchestrator(sys.argv[1]).run())

import os
import select
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from ipyfootprint.sensors import cputime
from ipyfootprint.sensors.cputime import CpuClock, _PortableTree, own_cpu_ns, stat_busy_ns
from ipyfootprint.sensors.proctree import TAG, ProcessTree, clock_ns

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")

BURN = textwrap.dedent("""
    import time
    def burn(seconds):
        end = time.process_time() + seconds
        while time.process_time() < end:
            pass
""")


class Root:
    """A process of its own whose children are measured, driven line by line."""

    def __init__(self, script, **env):
        self.process = subprocess.Popen(
            [sys.executable, "-c", BURN + textwrap.dedent(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | env,
            start_new_session=True,
        )
        self.pid = self.process.pid

    def go(self):
        """Let the script pass its next `input()`."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def said(self):
        """The next line that the script prints."""
        return self.process.stdout.readline().strip()

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def root_of():
    roots = []

    def start(script, **env):
        roots.append(Root(script, **env))
        return roots[-1]

    yield start
    for root in roots:
        root.end()


def reads_until(tree, root, word, hz=50):
    """Read the tree at a steady rate until the script prints the word."""
    pipe = root.process.stdout.fileno()
    values, heard = [tree.read()], b""
    deadline = time.monotonic() + 30
    while word.encode() not in heard:
        assert time.monotonic() < deadline, f"never heard {word}"
        time.sleep(1 / hz)
        if select.select([pipe], [], [], 0)[0]:
            heard += os.read(pipe, 100)
        values.append(tree.read())
    return values


SHAPES = {
    "a child that lives": """
        import os
        input()
        burnt, told = os.pipe()
        if os.fork() == 0:
            burn(.4); os.write(told, b"!"); time.sleep(60); os._exit(0)
        os.read(burnt, 1); time.sleep(.1)
        print("done", flush=True); input()
    """,
    "a child that was waited for": """
        import os
        input()
        pid = os.fork()
        if pid == 0:
            burn(.4); os._exit(0)
        os.waitpid(pid, 0)
        print("done", flush=True); input()
    """,
    "a pool of forty short children": """
        import os
        input()
        for _ in range(40):
            pid = os.fork()
            if pid == 0:
                burn(.01); os._exit(0)
            os.waitpid(pid, 0)
        print("done", flush=True); input()
    """,
    "a child that ends long after its own child": """
        import os
        input()
        pid = os.fork()
        if pid == 0:
            inner = os.fork()
            if inner == 0:
                burn(.4); os._exit(0)
            os.waitpid(inner, 0)
            print("done", flush=True)
            time.sleep(60)
        input()
    """,
    "grandchildren that nobody waits for": """
        import os
        input()
        for _ in range(2):
            end, write = os.pipe()
            if os.fork() == 0:
                if os.fork() == 0:
                    burn(.2)
                os._exit(0)
            os.wait()
            os.close(write)
            os.read(end, 1)
        print("done", flush=True); input()
    """,
    "a double fork with a session of its own": """
        import os
        input()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                burn(.4)
                print("done", flush=True)
                os._exit(0)
            os._exit(0)
        os.wait()
        input()
    """,
    "children whose end is ignored": """
        import os, signal
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        input()
        for _ in range(2):
            if os.fork() == 0:
                burn(.2); os._exit(0)
            try:
                os.wait()
            except ChildProcessError:
                pass
        print("done", flush=True); input()
    """,
    "a thread that starts a program": """
        import subprocess, sys, threading
        code = "from time import *\\nend = process_time() + .4\\nwhile process_time() < end: pass"
        input()
        thread = threading.Thread(target=subprocess.run, args=([sys.executable, "-c", code],))
        thread.start(); thread.join()
        print("done", flush=True); input()
    """,
}


@linux
@pytest.mark.parametrize("shape", SHAPES)
def test_cpu_time_of_children_is_seen_however_they_end(root_of, shape):
    root = root_of(SHAPES[shape])
    tree = ProcessTree(root.pid)
    before = tree.read()
    root.go()
    values = reads_until(tree, root, "done")
    seen_s = (values[-1] - before) / 1e9
    # Burnt: 0.4 s. More is the start of interpreters and forks; less is an unwaited child's
    # last interval of 20 ms, and ticks.
    assert 0.33 < seen_s < 0.62
    assert values == sorted(values)


@linux
def test_a_program_that_left_its_parent_is_known_by_its_tag(root_of):
    script = """
        import os, subprocess, sys
        code = "from time import *\\nend = process_time() + .4\\nwhile process_time() < end: pass"
        code += "\\nprint('done', flush=True)\\nsleep(60)"
        input()
        if os.fork() == 0:
            subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
            os._exit(0)
        os.wait()
        input()
    """
    found = {}
    for tag in ("mine", "another"):
        root = root_of(script, **{TAG: "mine"})
        tree = ProcessTree(root.pid, tag=tag)
        tree.read()
        root.go()
        # One look after the double fork is over: the parent that could tell is gone.
        assert root.said() == "done"
        found[tag] = tree.read() / 1e9
        for pid in tree.pids:
            os.kill(pid, 9)
    assert found["mine"] > 0.35
    assert found["another"] < 0.1


@linux
def test_the_reader_itself_is_not_counted(root_of):
    script = """
        import os, sys
        from ipyfootprint.sensors.proctree import ProcessTree
        root = os.getpid()
        if os.fork() == 0:
            tree = ProcessTree(root)
            burn(.2)
            print(tree.read(), flush=True)
        input()
    """
    assert int(root_of(script, PYTHONPATH=str(Path.cwd())).said()) < 50_000_000


@linux
def test_threads_and_the_dead_have_no_process_clock(root_of):
    root = root_of("""
        import threading
        thread = threading.Thread(target=time.sleep, args=(60,), daemon=True)
        thread.start()
        print(thread.native_id, flush=True)
        input()
    """)
    assert clock_ns(int(root.said())) is None
    assert clock_ns(root.pid) > 0
    root.end()
    assert clock_ns(root.pid) is None


@linux
def test_a_quiet_tree_opens_one_file_a_read(root_of, monkeypatch):
    root = root_of("""
        import os
        for _ in range(3):
            if os.fork() == 0:
                time.sleep(60)
        print("ready", flush=True); input()
    """)
    assert root.said() == "ready"
    tree = ProcessTree(root.pid)
    tree.read()
    monkeypatch.setattr(tree, "_newest_pid", lambda newest=tree._newest: newest)
    monkeypatch.setattr(tree, "_stat", lambda pid: pytest.fail("looked although nobody was born"))
    tree.read()
    assert len(tree.pids) == 3


def test_node_time_is_without_iowait_steal_and_double_guests():
    stat = b"cpu  100 10 50 9000 700 5 5 300 40 4\ncpu0 1 1 1 1 1 1 1 1 1 1\n"
    assert stat_busy_ns(stat) == (100 + 10 + 50 + 5 + 5) * 10_000_000
    assert stat_busy_ns(b"intr 5\n") is None
    assert stat_busy_ns(b"") is None


@linux
def test_node_time_never_falls(tmp_path):
    (tmp_path / "proc").mkdir()
    stat = tmp_path / "proc" / "stat"
    stat.write_text("cpu  100 0 0 0 0 0 0 0 0 0\n")
    clock = CpuClock(1, root=str(tmp_path))
    assert clock.read().busy_ns == 1_000_000_000
    stat.write_text("cpu  99 0 0 0 0 0 0 0 0 0\n")
    assert clock.read().busy_ns == 1_000_000_000
    clock.close()
    clock.close()
    assert clock.read().busy_ns is None


@linux
def test_the_clock_reads_node_and_tree_of_this_machine(root_of):
    root = root_of("input()")
    clock = CpuClock(root.pid)
    first = clock.read()
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    second = clock.read()
    assert second.busy_ns - first.busy_ns > 50_000_000
    assert second.tree_ns == first.tree_ns == 0


def test_own_time_is_fine_enough_for_the_shortest_cell():
    before = own_cpu_ns()
    sum(range(10_000))
    assert 0 < own_cpu_ns() - before < 10_000_000


def test_elsewhere_children_are_followed_until_they_end():
    child = subprocess.Popen([sys.executable, "-c", BURN + "burn(.2); time.sleep(60)"])
    tree = _PortableTree(os.getpid())
    deadline = time.monotonic() + 20
    while tree.read() < 150_000_000:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    alive = tree.read()
    assert child.pid in tree.pids
    child.kill()
    child.wait()
    assert tree.read() >= alive
    assert child.pid not in tree.pids
    assert cputime._portable_busy_ns() > 0


def test_off_linux_the_clock_asks_psutil(monkeypatch):
    import psutil

    monkeypatch.setattr(sys, "platform", "darwin")
    clock = CpuClock(os.getpid())
    times = clock.read()
    assert times.busy_ns > 0 and times.tree_ns >= 0
    assert clock.pids == clock._tree.pids
    clock.close()

    class Gone:
        pid = 1

        def cpu_times(self):
            raise psutil.NoSuchProcess(1)

    class Own(Gone):
        pid = os.getpid()

    tree = _PortableTree(os.getpid())
    monkeypatch.setattr(psutil.Process, "children", lambda self, recursive: [Gone(), Own()])
    assert tree.read() == 0 and tree.pids == frozenset()
    assert _PortableTree(2**22 + 1).read() == 0, "a process that is not there has no children"

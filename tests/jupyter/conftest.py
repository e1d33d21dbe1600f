"""A real kernel, started once a module, with a home and a ledger of its own."""

import os
import time
from dataclasses import dataclass, field

import pytest


@dataclass
class Reply:
    """What one execution sent back."""

    status: str
    count: int
    outputs: list = field(default_factory=list)

    @property
    def text(self):
        return "".join(o["text"] for o in self.outputs if o["kind"] == "stream")

    @property
    def result(self):
        found = [o["data"]["text/plain"] for o in self.outputs if o["kind"] == "execute_result"]
        return found[-1] if found else None

    @property
    def shown(self):
        return [o["data"] for o in self.outputs if o["kind"] == "display_data"]

    @property
    def error(self):
        found = [o for o in self.outputs if o["kind"] == "error"]
        return found[-1] if found else None


class Kernel:
    """A client of one kernel process."""

    def __init__(self, folder, **env):
        from jupyter_client.manager import start_new_kernel

        home = folder / "home"
        home.mkdir(exist_ok=True)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("IPYFOOTPRINT_")}
        self.env = clean | {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_DATA_HOME": str(home / ".local/share"),
            "IPYTHONDIR": str(home / ".ipython"),
            "IPYFOOTPRINT_LEDGER": str(folder / "ledger.db"),
            **env,
        }
        self.manager, self.client = start_new_kernel(
            kernel_name="python3",
            env=self.env,
            startup_timeout=60,
            # IPython 7 prints into a cell when two kernels of one home share its history file.
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
        )

    @property
    def pid(self):
        return self.manager.provisioner.pid

    def run(self, code, *, metadata=None, timeout=60, **options):
        """Execute code; returns its Reply once the kernel is idle again."""
        message = self.client.session.msg(
            "execute_request",
            {
                "code": code,
                "silent": False,
                "store_history": True,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": True,
                **options,
            },
        )
        message["metadata"] = metadata or {}
        self.client.shell_channel.send(message)
        reply = self.wait(message["header"]["msg_id"], timeout)
        if reply.status == "aborted":  # an older kernel aborts what comes soon after an error
            return self.run(code, metadata=metadata, timeout=timeout, **options)
        return reply

    def wait(self, msg_id, timeout=60):
        """Collect the outputs of one request."""
        reply = Reply("", 0)
        deadline = time.monotonic() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.1, deadline - time.monotonic()))
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind == "update_display_data":
                wanted = content["transient"]["display_id"]
                for shown in reply.outputs:
                    if shown.get("transient", {}).get("display_id") == wanted:
                        shown["data"] = content["data"]
            if kind in ("stream", "execute_result", "display_data", "error"):
                reply.outputs.append({"kind": kind, **content})
        while True:
            answer = self.client.get_shell_msg(timeout=10)
            if answer["parent_header"].get("msg_id") == msg_id:
                break
        reply.status = answer["content"]["status"]
        reply.count = answer["content"].get("execution_count", 0)
        return reply

    def value(self, expression):
        """A Python literal computed in the kernel, outside history."""
        import ast

        reply = self.run(f"print(repr({expression}))", store_history=False)
        return ast.literal_eval(reply.text.strip())

    def ask(self, kind, **content):
        """What the control channel answers, which a busy cell does not hold up."""
        message = self.client.session.msg(kind, content)
        self.client.control_channel.send(message)
        while True:
            answer = self.client.get_control_msg(timeout=30)
            if answer["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return answer["content"]

    def wait_for_the_sampler(self, within=20.0):
        """Return once it has said what it reads: on a busy machine a cell may be faster."""
        deadline = time.monotonic() + within
        channels = "len(__import__('ipyfootprint').api.recording().tracker.meter.channels())"
        while not self.value(channels) and time.monotonic() < deadline:
            time.sleep(0.05)

    def close(self):
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=False)


@pytest.fixture
def new_kernel(tmp_path):
    """Starts kernels; all of them end with the test."""
    started = []

    def start(**env):
        started.append(Kernel(tmp_path, **env))
        return started[-1]

    yield start
    for kernel in started:
        kernel.close()


@pytest.fixture(scope="module")
def module_kernel(tmp_path_factory):
    """Starts a kernel that the tests of a module share."""
    started = []

    def start(**env):
        started.append(Kernel(tmp_path_factory.mktemp("kernel"), **env))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """One kernel with the extension loaded, shared by the tests of a module."""
    one = Kernel(tmp_path_factory.mktemp("kernel"))
    assert one.run("%load_ext ipyfootprint").outputs == []
    one.wait_for_the_sampler()
    yield one
    one.close()

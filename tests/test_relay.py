"""The thread of a session does chores between its rounds, and none of them can end it."""

import threading

from ipyfootprint.relay import Relay


class QuietTracker:
    """A tracker without runs."""

    unsettled = watched = False

    def __init__(self):
        self.listeners = []

    def settle_some(self):
        return False

    def tell_progress(self):
        pass


def test_a_chore_is_called_again_when_it_asked_and_a_failing_one_is_dropped():
    relay = Relay(QuietTracker())
    done, called = threading.Event(), []

    def again():
        called.append("again")
        if len(called) > 3:
            done.set()
            return None
        return 0.001

    def failing():
        called.append("failing")
        raise RuntimeError

    relay.chores += [failing, again]
    relay._hear("started", None)
    assert done.wait(10)
    relay.close()
    assert called.count("failing") == 1
    assert called.count("again") >= 3

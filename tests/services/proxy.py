"""A wire to a server that a test can cut: abruptly, or without a word."""

import contextlib
import selectors
import socket
import threading


class Proxy:
    """Passes bytes from a loopback port on to another.

    Attributes:
        port: where it listens.
        passes: bytes that go to the server until the wire is cut; None cuts it never.
        how: "closed": both ends are told; "silent": nobody is told, and nothing passes any more.
    """

    def __init__(self, port):
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.passes, self.how = None, "closed"
        self.cut = threading.Event()
        self._sockets = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()
        for one in self._sockets:
            one.close()
        self._thread.join(10)

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, server]
                threading.Thread(target=self._pump, args=(client, server), daemon=True).start()

    def _pump(self, client, server):
        with selectors.DefaultSelector() as ready, contextlib.suppress(OSError, ValueError):
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _ in ready.select():
                    data = key.fileobj.recv(65536)
                    if self.passes is not None and key.fileobj is client:
                        self.passes -= len(data)
                    if self.passes is not None and self.passes <= 0:
                        self.cut.set()
                        if self.how == "silent":
                            return  # both stay open, and hear nothing
                        data = b""
                    if not data:
                        client.close()
                        server.close()
                        return
                    key.data.sendall(data)

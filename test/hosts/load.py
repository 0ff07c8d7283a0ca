"""Asks a server on this machine over some connections at once, each kept open, and says what came.

One thread with epoll, so that the client takes little of the machine that it measures.
"""
import collections
import selectors
import socket
import time

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
SECONDS_MAX = 120  # without an answer: a server that hangs, no measure of speed

Answer = collections.namedtuple("Answer", "status body seconds")


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request):
        self.begun = time.perf_counter()
        self.got = b""
        self.socket.sendall(request)

    def take(self):
        """An answer once it is whole, or None. A connection that breaks gives an answer with the status 0."""
        piece = self.socket.recv(1 << 16)
        self.got += piece
        body = body_of(self.got)
        if body is None and piece:
            return None
        status = int(self.got.split(b" ", 2)[1]) if body is not None else 0
        return Answer(status, body, time.perf_counter() - self.begun)


def body_of(got):
    """The body of a response, or None as long as there is more of it to come."""
    head, end, rest = got.partition(b"\r\n\r\n")
    if not end:
        return None
    fields = dict(line.split(b":", 1) for line in head.lower().split(b"\r\n")[1:])
    if fields.get(b"transfer-encoding", b"").strip() != b"chunked":
        size = int(fields.get(b"content-length", b"0"))
        return rest[:size] if len(rest) >= size else None
    body = b""
    while True:
        size, line_end, rest = rest.partition(b"\r\n")
        if not line_end or len(rest) < int(size, 16) + 2:
            return None
        if int(size, 16) == 0:
            return body
        body, rest = body + rest[:int(size, 16)], rest[int(size, 16) + 2:]


def ask(port, connections, count=None, seconds=None, request=REQUEST):
    """So many requests in all, or as many as begin in so many seconds. Gives the answers and how long it took."""
    begun = time.perf_counter()
    left = count if count is not None else float("inf")
    end = begun + seconds if seconds is not None else float("inf")
    answers = []
    with selectors.DefaultSelector() as selector:
        def send(connection):
            nonlocal left
            if left <= 0 or time.perf_counter() >= end:
                selector.unregister(connection.socket)
                connection.socket.close()
                return
            left -= 1
            connection.ask(request)

        for _ in range(connections):
            connection = Connection(port)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            send(connection)
        while selector.get_map():
            ready = selector.select(SECONDS_MAX)
            assert ready, "no answer for {} seconds".format(SECONDS_MAX)
            for key, _ in ready:
                answer = key.data.take()
                if answer is not None:
                    answers.append(answer)
                    send(key.data)
    return answers, time.perf_counter() - begun

"""A service that says what it is told: echo threads|asyncio

Prints {"port": N} when it listens, and ends when its standard input does.
"""

import asyncio
import json
import os
import resource
import socketserver
import sys
import threading

BACKLOG = 4096  # the default of either is less than the clients that come at once


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            while data := self.request.recv(1024):
                self.request.sendall(data)
        except ConnectionError:
            pass  # the client has gone


class Server(socketserver.ThreadingTCPServer):
    request_queue_size = BACKLOG
    daemon_threads = True


async def echo(reader, writer):
    try:
        while data := await reader.read(1024):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def serve():
    server = await asyncio.start_server(echo, "127.0.0.1", 0, backlog=BACKLOG)
    announce(server.sockets[0].getsockname()[1])
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    leave()


def announce(port):
    print(json.dumps({"port": port}), flush=True)


def leave():
    """Ends the program, whatever connections are open."""
    print("{}", flush=True)
    os._exit(0)


def run(kind):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if kind == "asyncio":
        asyncio.run(serve())
    with Server(("127.0.0.1", 0), Echo) as server:
        announce(server.server_address[1])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
        leave()

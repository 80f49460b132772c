"""Many tasks alive at once: tasks threads|asyncio COUNT BUDGET

Starts COUNT tasks, each of which says that it is there and then waits; stops when they need more than
BUDGET bytes. What is timed is how long it takes until all are there.
"""

import asyncio
import gc
import json
import os
import threading
import time

LOOK_EVERY = 10_000


def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Measurement:
    def __init__(self, most):
        self.most = most
        self.stopped = ""
        gc.collect()
        self.before = resident()
        self.began = time.perf_counter()

    def allows(self, count):
        if count % LOOK_EVERY == 0 and resident() - self.before > self.most:
            self.stopped = f"the budget of {self.most // 1_000_000} MB of memory"
        return not self.stopped

    def end(self, count):
        """Prints the figures and ends the program, for none of its tasks ever will."""
        seconds = time.perf_counter() - self.began
        used = resident() - self.before
        print(json.dumps({"count": count, "seconds": seconds, "bytes": used, "stopped": self.stopped}), flush=True)
        os._exit(0)


def threads(count, measurement):
    gate = threading.Event()
    there = threading.Semaphore(0)

    def task():
        there.release()
        gate.wait()

    started = 0
    try:
        while started < count and measurement.allows(started):
            threading.Thread(target=task).start()
            started += 1
    except RuntimeError as refused:  # can't start new thread
        measurement.stopped = f"the system: {refused}"
    for _ in range(started):
        there.acquire()
    measurement.end(started)


async def tasks(count, measurement):
    gate = asyncio.Event()
    there = 0

    async def task():
        nonlocal there
        there += 1
        await gate.wait()

    running = []  # asyncio itself holds tasks by weak references
    while len(running) < count and measurement.allows(len(running)):
        running.append(asyncio.create_task(task()))
        if len(running) % LOOK_EVERY == 0:
            await asyncio.sleep(0)  # lets those begin that have been made
    await asyncio.sleep(0)
    measurement.end(there)


def run(kind, count, most):
    measurement = Measurement(int(most))
    if kind == "asyncio":
        asyncio.run(tasks(int(count), measurement))
    threads(int(count), measurement)

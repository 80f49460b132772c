"""How late a tick is beside allocation: ticker MEGABYTES_PER_SECOND SECONDS on|off

One thread sleeps until each millisecond, and another one allocates at a fixed rate and keeps the last
objects. "off" switches the collector of cycles off; objects are freed by their counters all the same.
"""

import gc
import math
import threading
import time

PERIOD = 0.001
LIVE = 250_000
SIZE = 256  # a list of 64 bytes, and one bytes object in it
BATCH = 1000


def new_object(i):
    return [bytes(159)]


class Allocator(threading.Thread):
    def __init__(self, per_second):
        super().__init__()
        self.live = [new_object(i) for i in range(LIVE)]
        self.per_second = per_second
        self.stopping = False
        self.made = 0

    def run(self):
        began = time.perf_counter()
        while not self.stopping:
            owed = int((time.perf_counter() - began) * self.per_second)
            for _ in range(min(owed - self.made, BATCH)):
                self.live[self.made % LIVE] = new_object(self.made)
                self.made += 1
            if self.made >= owed:
                time.sleep(PERIOD)


def tick(seconds):
    late = []
    began = time.perf_counter()
    for n in range(1, int(seconds / PERIOD) + 1):
        due = n * PERIOD
        time.sleep(max(0.0, due - (time.perf_counter() - began)))
        late.append((time.perf_counter() - began - due) * 1e6)
    return late


def run(megabytes, seconds, collector):
    allocator = Allocator(float(megabytes) * 1e6 / SIZE)
    gc.collect()
    if collector == "off":
        gc.disable()
    pauses = []
    paused = 0.0

    def watch(phase, _):
        nonlocal paused
        if phase == "start":
            paused = time.perf_counter()
        else:
            pauses.append((time.perf_counter() - paused) * 1e6)

    gc.callbacks.append(watch)
    began = time.perf_counter()
    allocator.start()
    late = tick(float(seconds))
    allocator.stopping = True
    allocator.join()
    reached = allocator.made * SIZE / 1e6 / (time.perf_counter() - began)
    gc.callbacks.remove(watch)

    late.sort()
    pauses.sort()
    return {
        "p999": quantile(late, 0.999),
        "reached": reached,
        "pauses": len(pauses), "pause_p50": quantile(pauses, 0.5), "pause_p99": quantile(pauses, 0.99),
        "pause_max": quantile(pauses, 1),
    }


def quantile(ordered, q):
    if not ordered:
        return 0.0
    return ordered[min(max(math.ceil(q * len(ordered)), 1), len(ordered)) - 1]

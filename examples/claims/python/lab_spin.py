"""Keeps cores busy: spin threads|processes WORKERS CHUNKS START

Works on chunks 1 to CHUNKS, from START on (in seconds since 1970; 0 is now).
"""

import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

STEPS = 10_000


def turn(x):
    for _ in range(STEPS):
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
    return x


def run(kind, workers, chunks, start):
    executor = {"threads": ThreadPoolExecutor, "processes": ProcessPoolExecutor}[kind]
    workers, chunks, start = int(workers), int(chunks), float(start)
    seeds = range(1, chunks + 1)
    with executor(workers) as pool:
        # Starting the workers is not timed. Each of these waits long enough for all to be started.
        list(pool.map(time.sleep, [0.05] * workers))
        time.sleep(max(0.0, start - time.time()))
        began = time.time()
        # A process gets several chunks at once, but all have some to the end.
        total = sum(pool.map(turn, seeds, chunksize=max(1, chunks // (8 * workers))))
        ended = time.time()
    return {"began": began, "ended": ended, "sum": total & 0xFFFFFFFF}

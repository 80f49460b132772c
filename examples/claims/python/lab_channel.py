"""The speed of a queue: channel threads|asyncio MESSAGES

One task sends numbers to another, through a queue with room for 128.
"""

import asyncio
import queue
import threading
import time

ROOM = 128


def threads(messages):
    numbers = queue.Queue(ROOM)

    def send():
        for i in range(messages):
            numbers.put(i)

    sender = threading.Thread(target=send)
    sender.start()
    total = sum(numbers.get() for _ in range(messages))
    sender.join()
    return total


async def tasks(messages):
    numbers = asyncio.Queue(ROOM)

    async def send():
        for i in range(messages):
            await numbers.put(i)

    sender = asyncio.create_task(send())
    total = 0
    for _ in range(messages):
        total += await numbers.get()
    await sender
    return total


def run(kind, messages):
    messages = int(messages)
    began = time.perf_counter()
    total = asyncio.run(tasks(messages)) if kind == "asyncio" else threads(messages)
    return {"seconds": time.perf_counter() - began, "sum": total}

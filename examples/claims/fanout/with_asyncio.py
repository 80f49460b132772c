"""A task group cancels its tasks when one fails, or when it is cancelled itself, and waits for them.

Concepts: async and await, coroutine, task, async with, Semaphore, timeout, TaskGroup, ExceptionGroup
"""

import asyncio


async def fan_out(limit, timeout, items, f):
    room = asyncio.Semaphore(limit)

    async def one(item):
        async with room:
            return await f(item)

    async with asyncio.timeout(timeout), asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(item)) for item in items]
    return [task.result() for task in tasks]

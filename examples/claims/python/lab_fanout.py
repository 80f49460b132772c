"""Puts with_asyncio.py through the cases of claim 4: fanout asyncio CASE"""

import asyncio
import pathlib
import sys
import time

sys.path.append(str(pathlib.Path(__file__).parent.parent / "fanout"))
from with_asyncio import fan_out  # noqa: E402

LIMIT = 3
ITEMS = 20
PROMPT = 1.0
LONG = 10.0
SHORT = 0.05


class CallError(Exception):
    pass


class Calls:
    def __init__(self, case):
        self.case = case
        self.started = self.running = self.most = 0

    async def double(self, item):
        self.started += 1
        nth = self.started  # items may be started in any order
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            return await self.work(item, nth)
        finally:
            self.running -= 1

    async def work(self, item, nth):
        try:
            if self.case in ("order", "bound"):
                await asyncio.sleep((ITEMS - item) / 1000)
            elif nth == 2 and self.case in ("error", "panic", "left"):
                await asyncio.sleep(SHORT)
                if self.case == "panic":
                    raise ZeroDivisionError("the second call panics")
                raise CallError("the second call fails")
            else:
                await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            if self.case == "left":
                await asyncio.sleep(SHORT)  # to clean up
            raise
        return 2 * item


def right(case, ended):
    match case, ended:
        case ("order" | "bound"), list():
            return ended == [2 * i for i in range(ITEMS)]
        case ("error" | "left"), ExceptionGroup():
            return len(ended.exceptions) == 1 and isinstance(ended.exceptions[0], CallError)
        case "panic", ExceptionGroup():
            return len(ended.exceptions) == 1 and isinstance(ended.exceptions[0], ZeroDivisionError)
        case "cancel", asyncio.CancelledError():
            return True
        case "timeout", TimeoutError():
            return True
    return False


async def judged(case):
    calls = Calls(case)
    within = SHORT if case == "timeout" else LONG / 2
    began = time.perf_counter()
    task = asyncio.create_task(fan_out(LIMIT, within, range(ITEMS), calls.double))
    if case == "cancel":
        asyncio.get_running_loop().call_later(SHORT, task.cancel)
    try:
        ended = await task
    except (Exception, asyncio.CancelledError) as exception:
        ended = exception
    took = time.perf_counter() - began
    left = len(asyncio.all_tasks()) - 1
    if not right(case, ended):
        return f"it ended with {ended!r}"
    if calls.running > 0:
        return f"{calls.running} calls are still running"
    if calls.most != LIMIT:
        return f"{calls.most} calls ran at once, not {LIMIT}"
    if case not in ("order", "bound") and calls.started > LIMIT + 1:
        return f"{calls.started} calls were started"
    if took > PROMPT:
        return f"it took {took:.2f} s"
    if left > 0:
        return f"{left} tasks are left"
    return ""


def run(version, case):
    if version != "asyncio":
        raise ValueError(f"no such version: {version}")
    wrong = asyncio.run(judged(case))
    return {"survived": wrong == "", "why": wrong}

"""Which Python this is: about"""

import asyncio
import platform
import sys
import sysconfig


def run():
    # A free-threaded build can be started with its lock switched on; sys knows, since 3.13.
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    return {
        "version": platform.python_version(),
        "task_groups": hasattr(asyncio, "TaskGroup"),
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")) and not gil,
    }

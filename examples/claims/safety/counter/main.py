"""Threads add to one variable without a lock."""

import threading
import time

count = 0


def add():
    global count
    for _ in range(1000):
        now = count
        time.sleep(0)  # lets others run
        count = now + 1


threads = [threading.Thread(target=add) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(count, "of", 4000)

"""The last ticket is sold more than once."""

import threading
import time

lock = threading.Lock()
tickets, sold = 1, 0


def buy():
    global tickets, sold
    with lock:
        left = tickets
    if left > 0:
        time.sleep(0.01)  # the payment
        with lock:
            tickets -= 1
            sold += 1


customers = [threading.Thread(target=buy) for _ in range(8)]
for customer in customers:
    customer.start()
for customer in customers:
    customer.join()
print(sold, "of", 1)

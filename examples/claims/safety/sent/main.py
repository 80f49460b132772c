"""A message is changed after it was sent."""

import queue
import threading

messages = queue.Queue(8)
intact = 0


def receive():
    global intact
    for i in range(8):
        if messages.get()[0] == i:
            intact += 1


receiver = threading.Thread(target=receive)
buffer = bytearray(1)
for i in range(8):
    buffer[0] = i
    messages.put(buffer)
receiver.start()  # a receiver that is late; the others may be, too
receiver.join()
print(intact, "of", 8)

"""A number is put into a queue that was closed: by a None behind the last number, as is the custom."""

import queue

numbers = queue.Queue(8)
for _ in range(2):
    numbers.put(1)
    numbers.put(None)
print(sum(iter(numbers.get, None)), "of", 2)

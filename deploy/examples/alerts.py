"""Prints a story's alerts as one of a group that shares them: alerts.py STORY [CONSUMER]. Needs this project's own package.

The server is that of MONITOR_REDIS_URL, or the embedded one of MONITOR_DATA. Each alert comes at least once and to one of the group:
it is done with when the next one is asked for, so one that was in hand when the program was killed comes again, with the same id.
CONSUMER names the program within the group and stays the same over restarts (without it: the host's name). A lost server is waited
for; what the server dropped before it was read is told as a gap.
"""

import logging
import sys

import monitor
from monitor.errors import MonitorError
from monitor.model import Alert, Gap

logging.basicConfig(level=logging.WARNING, format="%(message)s")  # the server is lost, the server is back
if len(sys.argv) < 2:
    sys.exit("usage: alerts.py STORY [CONSUMER]")
story, consumer = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
try:
    for event in monitor.subscribe_blocking(story=story, types=["alert"], group="desk-py", consumer=consumer, after="beginning"):
        match event:
            case Alert():
                text = f"{event.severity} {event.summary} “{event.quote}” {event.url} [{event.id}]"
            case Gap():
                text = f"missed {event.missed if event.missed is not None else 'some'} alerts after {event.after}"
        # What articles say goes to a terminal without its control characters.
        print("".join(letter if letter.isprintable() else " " for letter in text), flush=True)
except MonitorError as error:  # no such server, or none that answers
    sys.exit(str(error))

"""A web of news sites on the loopback, and the poller at it, in compressed time: `python -m tests.web --feeds 10000`."""

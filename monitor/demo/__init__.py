"""The demo: the story of `rules/kursk` from October 2024 to April 2025, told to a real daemon by feeds on this machine.

    articles.jsonl ──► course ──► feeds (HTTP on loopback) ──► the daemon, as `monitor run` has it ──► streams ──► what is shown
                       in event order, each published when the one before has been read

The articles were written for this demo, from what was reported at the time; the outlets do not exist.
"""

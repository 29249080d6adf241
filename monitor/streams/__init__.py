"""Everything that touches Redis: the embedded server, connections, keys, the scripts that commit, reading the streams.

No other package imports redis. What is committed together is committed by one server-side script, in one slot:

    scripts/lease.lua         feeds that are due go to one poller
    scripts/commit_poll.lua   a poll's articles, the feed's state and its next due time
    scripts/commit_story.lua  a story's state and the events that it gave rise to
    scripts/trim.lua          old articles that every group has read
"""

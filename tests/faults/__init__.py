"""Whether anything is lost or told twice, whatever dies when: `python -m tests.faults --help`. Outside the suite, for it takes minutes.

    feeds (ledger) ──► daemon (launch) ──► [proxy] ──► server
         │                  ▲   kills itself at a named step when armed
         └──► oracle ──► invariants ◄── streams, states, archive

story.py    the stories under test, and sentences whose evidence is known
feeds.py    feeds on loopback, and the ledger of what they published
launch.py   starts real daemons as processes, quickly: forks that have everything imported
steps.py    the steps at which a daemon can be made to kill itself, and the seeded bugs
oracle.py   the pure core over the ledger: what has to be on the server
world.py    one server, one daemon, one oracle: rounds of a fault and what must hold after it
proxy.py    cuts connections between daemon and server
kinds.py    the kinds of faults
"""

"""The pure core: what a text says, and what follows. Start at `pipeline`, go on with `ledger`.

    text, terms, detect        folding, the one scan for all terms, the language of a text
    conditions, meaning, vocabulary     what rules may say and when it holds; stories and language files compiled
    sentences, mentions, cues, sources, attribution, propositions, stance, focus, evidence     the layers of reading
    status, decisions          positions and status as a fold over evidence; what people decided about evidence, another
    changes, alerts, resting   what changed and why; alerts on it, and which of them no longer hold
    kept, ledger               the state of a story
    timeline                   a claim's history, from what the ledger keeps

Nothing here does I/O, reads a clock or logs.
"""

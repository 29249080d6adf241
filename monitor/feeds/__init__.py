"""From a feed's address to articles.

    next_due ──► fetch ──► parse ──► articles
    (schedule)   (HTTP)    (worker   (identity, dates,
                           process)  outlet, language)

`schedule` and `articles` are pure. `fetch` and `parse` do I/O and give expected failures back as values. `state` is what polling
remembers of a feed between two polls.
"""

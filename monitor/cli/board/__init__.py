"""The board: one screen of where everything stands, on a terminal.

streams/overview.py ──► grid.py, lines.py (pure: cells and lines of text) ──► app.py (Textual) or once.py (plain text)
"""

"""Timelines as pictures. Pure: a timeline and the time come in, a text goes out."""

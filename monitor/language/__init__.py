"""What is known of each language, as data: one YAML file a language, read by `pack`; names are inflected by `inflect`.

The words here are general: how the language reports speech, denies, evades, recalls. Words of a story stand in its rule files.
"""

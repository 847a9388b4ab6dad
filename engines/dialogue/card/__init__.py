"""The card engine: a conversation from a character card alone, without a language model.

`language` holds what is known of a language, `words`, `lexicon` and `asks` read what was said, `retrieval` and
`answers` find knowledge, `course`, `grade` and `lesson` teach, `tools` and `scene` deal with the world, `state` keeps
a session, `speech` writes a reply, and `mind` decides which of them answers.
"""

"""People written by a language model: schemas, models to ask, what they wrote made safe. Without one: studio.draft."""

"""How finished a sentence sounds, by its words alone: one module for English, one of word lists for other languages."""

"""Words, signs and numbers: what a text is made of in each language. It knows no conversation, card or phrase."""

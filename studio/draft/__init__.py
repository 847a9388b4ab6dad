"""The first stage: from a sentence to a person with attributes and a card."""

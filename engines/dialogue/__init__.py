"""What thinks: the scripted card, local language models, endpoints."""

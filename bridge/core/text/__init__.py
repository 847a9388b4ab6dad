"""One pipeline from a model's words to phrases, subtitles and memory."""

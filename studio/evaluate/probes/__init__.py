"""Puts the person to the test in conversation: prompts from a file, rules that judge the answers, transcripts."""

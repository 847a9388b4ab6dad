"""Content safety at run time: what a companion may say, what a user's words call for, and what people decide of it."""

"""A session whose model hears and speaks by itself: its turns become ours, its sound gets words, gates and a face."""

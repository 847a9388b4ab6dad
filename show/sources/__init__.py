"""Where lines of chat come from: each source is an endless stream of lines that mends itself."""

"""The studio over a socket: people are made by a child process, watched by the page that asked for them."""

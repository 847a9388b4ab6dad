"""The command line of the studio: one module a subcommand."""

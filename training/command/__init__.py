"""The command line of training: `companion train COMMAND`, and `python -m training`."""

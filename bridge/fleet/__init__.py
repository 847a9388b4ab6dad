"""Several processes that serve as one: a front that hands sockets out, workers, the way from one to another."""

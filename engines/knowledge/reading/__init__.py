"""Makes sections of documents, one file a format. All of it is hostile input: bounded, and nothing in it is run."""

"""Keys, certificates and signatures: who answers for a file. Needs the extra `provenance`."""

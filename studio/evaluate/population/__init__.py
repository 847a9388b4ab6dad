"""Studies many people of one writer at once: what occurs how often, what tells of what, how alike they are."""

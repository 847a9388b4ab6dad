"""Pre-training of a base model from text: tokenizer, packed tokens, causal and masked language modelling."""

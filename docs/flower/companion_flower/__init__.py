"""A LoRA adapter that a federation of Flower learns by what a site of Companion Bridge learns with."""

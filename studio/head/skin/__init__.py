"""Paints skin: tone, lips, brows, freckles, wrinkles, pores. It knows the mesh at rest, not its shapes."""

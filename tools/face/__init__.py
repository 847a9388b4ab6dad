"""Makes the drawn face's rig and contact sheet."""

"""Makes identities: each stage takes the folder of a person and gives files to add to it.

It knows the engines' values and the identity's folder, never the bridge; nothing at serve time imports it.
"""

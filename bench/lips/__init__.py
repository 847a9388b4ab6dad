"""The lips benchmark: how well a talking face matches its voice, ours and others', on sentences with exact phone times.

`python -m bench.lips` runs it; see bench/README.md for the method.
"""

"""What others see in a sculpted face: weights -> head -> picture -> MediaPipe -> weights.

`python -m bench.appearance` runs it; docs/HEAD.md has its tables.
"""

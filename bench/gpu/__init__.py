"""True speed of real architectures with random weights, many sessions at once: `python -m bench.gpu`."""

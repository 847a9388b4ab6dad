"""One model of `transformers` is made at a time in a process.

`from_pretrained` puts a function that does nothing in the place of `PreTrainedModel.tie_weights` while it makes a
model, and puts back what it found. Two threads that overlap can leave the empty one there for good: every later model
whose head shares the embedding's weights is then without a head. Torch's own `init` functions are exchanged likewise.
"""

from __future__ import annotations

from threading import Lock

MAKING = Lock()  # held around every from_pretrained, from_config and constructor of a model

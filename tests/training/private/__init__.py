"""Tests of what learning tells of those it learnt from."""

"""Inference: samples in, resources out. No I/O."""

"""Inference: samples in, profile out. No I/O."""

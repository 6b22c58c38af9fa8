"""Smoothest fits at a loss level, interpolation included, with certificates."""

"""Compiled loops of training: two layouts of the same mathematics on explicit vectors of float64 numbers."""

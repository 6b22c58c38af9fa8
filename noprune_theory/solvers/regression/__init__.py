"""Least squares on the columns of a mask: minimum norm, ridge, nested paths, feature sweeps, their arithmetic."""

"""Figures and the scripts that make them."""

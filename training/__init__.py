"""Training: an adapter that teaches the embedded model to read Spanish."""

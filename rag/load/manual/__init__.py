"""Manual: the pages of ``man``, from roff to what they print."""

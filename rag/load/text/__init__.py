"""Text: files that are read as they are written, each line where the file has it."""

"""A first draft of a mapping, guessed from the files of an export."""

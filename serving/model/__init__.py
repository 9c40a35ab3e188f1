"""The model that a server holds, and a request turned into what it scores."""

"""Records: leads, accounts and what happened to them, made of tables or of a request."""

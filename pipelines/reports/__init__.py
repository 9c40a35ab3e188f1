"""The pages and tables that people read: how good the model is, and what drives conversion."""

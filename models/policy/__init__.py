"""The agreement of marketing and sales, applied to scores."""

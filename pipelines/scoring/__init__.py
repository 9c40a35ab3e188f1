"""The score command: every lead of a dataset, chunk by chunk, into a Parquet file."""

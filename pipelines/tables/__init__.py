"""The canonical tables as records: DuckDB reads, compiled kernels group, blocks fit into memory."""

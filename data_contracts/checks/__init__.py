"""The checks of the tables: one list of data, compiled for DuckDB and for Great Expectations."""

"""What the tables, mappings and agreement are."""

"""The validate stage: what the tables are checked for, and what was found."""

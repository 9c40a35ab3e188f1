"""HTML pages: templates, charts, names and numbers as a person reads them."""

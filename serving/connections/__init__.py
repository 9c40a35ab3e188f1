"""Connections below the application: their bounds, their clocks, and how they end."""

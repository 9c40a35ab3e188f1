"""What features are computed from records: attributes, the calendar, windows over events."""

"""The explain stage: what drives conversion, and why one lead scores as it does."""

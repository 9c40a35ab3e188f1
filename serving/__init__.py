"""The live way in: scores over HTTP."""

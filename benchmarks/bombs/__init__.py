"""Files that cost far more than their size says, each given to a command: how long until it answers, in what memory."""

"""What one does with an answer that is right: time it, put it into a network, defend it."""

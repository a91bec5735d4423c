"""Break repsearch in many ways and write down what it does: files, interruptions, code."""

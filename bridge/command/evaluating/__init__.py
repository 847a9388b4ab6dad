"""`companion eval`: people's own checks of a conversation, from a file, with budgets and a report for CI."""

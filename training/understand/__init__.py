"""What a tuned model does differently, why, how sure it is, and what throws it off."""

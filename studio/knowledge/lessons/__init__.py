"""Makes lessons of sections: what a sentence can be asked about, how an answer is graded, and a course of all of it."""

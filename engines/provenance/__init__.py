"""What says that something was made by a machine, and whether it is what was approved: words, marks, seals."""

"""What all bridges of one service know together: who is there."""

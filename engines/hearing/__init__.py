"""What hears: voice detection, recognition, judging whether words sound finished."""

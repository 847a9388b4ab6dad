"""What holds of text in any job: variants of Han signs, and what is hidden from readers."""

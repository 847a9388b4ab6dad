"""What moves a face: lips, mood, emphasis, life between words."""

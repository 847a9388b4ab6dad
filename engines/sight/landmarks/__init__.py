"""MediaPipe's Face Landmarker as an engine, in a process of its own."""

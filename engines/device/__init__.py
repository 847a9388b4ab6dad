"""One bounded worker for each device: batches, priorities, memory."""

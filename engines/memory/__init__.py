"""What is remembered of a user: told by rules, asked for, put into words. Pure; a store is somebody else's business."""

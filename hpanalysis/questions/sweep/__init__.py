"""What was tried? A sweep itself in words and as a picture, before anything is asked of it."""

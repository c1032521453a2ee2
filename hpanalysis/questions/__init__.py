"""What can be asked of a sweep."""

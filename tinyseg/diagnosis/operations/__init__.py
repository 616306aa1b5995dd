"""What is known about each operation."""

"""Files and links that show the product of a task."""

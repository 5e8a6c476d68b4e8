"""Reports of progress before a task is done, and the obstacles in them."""

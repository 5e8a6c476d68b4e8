"""Files of the documents that tasks come from: the signed text, its annexes."""

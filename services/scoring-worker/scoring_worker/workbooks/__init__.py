"""Index sets as workbooks that people edit: written from a document, and read back to the same one."""

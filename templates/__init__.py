"""Infrastructure code: declared resources with their source spans, and edits on bytes."""

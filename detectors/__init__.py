"""What is unusual: configurations that stand out in this estate."""

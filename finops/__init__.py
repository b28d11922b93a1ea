"""What it costs: the price book, a resource's monthly cost and the cost of a fix."""

"""Who refers to whom and who can reach what, over a set of resources."""

"""The demonstration: the sandbox's world, served by the same program as a real one."""

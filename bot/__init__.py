"""Slack, and nothing else: commands, actions, modals, home, messages and permissions."""

"""A whole local world: AWS on moto, a Slack workspace in the browser, a Git forge."""

"""The steps of a task: its procedure, in their order, each done by somebody at some time."""

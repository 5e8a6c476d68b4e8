"""The kit of a service: settings, logs, the HTTP application, features, timers and workflows."""

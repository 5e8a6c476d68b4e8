"""What a process is made of: settings, logs, the HTTP application, features, timers and workflows."""

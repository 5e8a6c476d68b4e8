"""PostgreSQL: connections, migrations, group commit, and tables that several services have."""

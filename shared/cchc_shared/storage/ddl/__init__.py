"""DDL of tables that several services have: one frozen module for each version, called by their migrations.

A module that was shipped is never changed. The next change of a table is a module with the next number, and a migration
in every service that has the table.
"""

"""What everyone may see of reports: on a map, and one by one."""

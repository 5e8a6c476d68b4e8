"""Dry runs of routing rules against past reports."""

"""What the scores would be: with other weights or rules, or if things were done by a day."""

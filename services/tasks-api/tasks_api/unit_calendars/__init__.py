"""What a unit has to do by when, in the calendars of its people."""

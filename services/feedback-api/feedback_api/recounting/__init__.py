"""Due times of open reports, counted anew when the working calendar or the limits changed."""

"""Documents that tasks come from, beside plans: received ones, conclusions of meetings, petitions, directives."""

"""Find right answers whose code is alike, for a person to look at."""

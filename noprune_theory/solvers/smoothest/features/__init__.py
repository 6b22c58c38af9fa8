"""The smoothest random-features fit below a loss level: the search, the cone program and the certificate."""

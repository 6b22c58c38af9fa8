"""The smoothest linear fit below a loss level, on one mask, many masks or all of them, and its certificate."""

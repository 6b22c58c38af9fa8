"""`python -m noprune_theory` is the command `noprune-theory`."""

from noprune_theory.command_line import main

if __name__ == "__main__":
    main()

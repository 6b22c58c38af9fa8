"""The subcommands of `noprune-theory`: each module says what it does, declares its arguments, and runs."""

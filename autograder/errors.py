"""The error that ends a command; its message says what to do."""


class CommandError(Exception):
    """Ends a command. The user sees the message, without a traceback.

    Args:
        message: what's wrong, and what to do.
        usage: True if the command was called incorrectly (exit code 2 instead of 1).
    """

    def __init__(self, message: str, usage: bool = False) -> None:
        super().__init__(message)
        self.exit_code = 2 if usage else 1

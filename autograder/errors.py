"""What a command cannot go on with; the message is a sentence that says what to do."""


class CommandError(Exception):
    """A command stops. Shown as its message, without a traceback.

    Args:
        message: what is wrong, and what to do.
        usage: True where the command was called wrongly (exit code 2, else 1).
    """

    def __init__(self, message: str, usage: bool = False) -> None:
        super().__init__(message)
        self.exit_code = 2 if usage else 1

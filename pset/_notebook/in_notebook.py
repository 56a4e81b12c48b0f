"""Where this runs: in a notebook or not."""


def in_notebook() -> bool:
    """Whether there is a Jupyter kernel, so that outputs can be shown and changed later."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None

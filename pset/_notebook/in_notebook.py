"""Find out whether the code runs in a notebook."""


def in_notebook() -> bool:
    """Whether there's a Jupyter kernel, which can display outputs and update them later."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None

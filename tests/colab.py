"""The shape in which Colab saves a notebook."""

from copy import deepcopy

from nbformat.notebooknode import NotebookNode


def colab_shape(notebook: NotebookNode) -> NotebookNode:
    """The notebook as Colab saves it: format 4.0, ids in the metadata, its own keys, no outputs."""
    saved = deepcopy(notebook)
    saved.nbformat_minor = 0
    saved.metadata["colab"] = {"provenance": []}
    for k, cell in enumerate(saved.cells):
        del cell["id"]
        cell.metadata["id"] = f"xYz{k:09}"
        if cell.cell_type == "code":
            cell.metadata["colab"] = {"base_uri": "https://localhost:8080/"}
            cell.outputs = []
            cell.execution_count = None
    return saved

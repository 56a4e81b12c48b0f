"""Grade on several machines with Dask."""

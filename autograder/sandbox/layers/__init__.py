"""Isolate untrusted code from secrets, from permanent storage, and from the next submission.

`options`: which layers to use; `report`: which are on, and whether that's enough; `view`: which
files are visible; `namespaces`, `landlock`, `seccomp`, `account`, `cgroup`, `limits`: the layers;
`warm` and `student`: set them up in the right order; `proof`: try to break out.
"""

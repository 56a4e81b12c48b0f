"""Keep a stranger's code apart: from secrets, from what lasts, and from the next submission.

`options` what is wished for; `report` what came of it and whether that is enough; `view` which
files can be seen; `namespaces`, `landlock`, `seccomp`, `account`, `cgroup` and `limits` the layers;
`warm` and `student` in which order they are put on; `proof` the attempt to break out.
"""

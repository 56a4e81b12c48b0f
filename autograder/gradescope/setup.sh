#!/usr/bin/env bash
# Prepare the image: Python 3.11 or newer and the pinned packages. Gradescope runs this once, as root.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
cd "$root/source"
export DEBIAN_FRONTEND=noninteractive

usable() { command -v "$1" > /dev/null && "$1" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; }
find_python() { for name in python3 python3.13 python3.12 python3.11; do usable "$name" && echo "$name" && return; done; return 1; }

if ! find_python > /dev/null || ! ldconfig -p | grep -q libseccomp.so.2; then
  apt-get update
  apt-get install --yes --no-install-recommends libseccomp2 ca-certificates
  find_python > /dev/null || apt-get install --yes --no-install-recommends python3.11 python3.11-venv
fi
"$(find_python)" -m venv "$root/venv"
"$root/venv/bin/python" -m pip install --no-cache-dir --constraint constraints.txt --requirement requirements.txt
chmod -R go= hidden

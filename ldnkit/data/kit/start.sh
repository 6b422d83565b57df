#!/bin/sh
# Starts the workbook from this folder; nothing is asked from the internet.
#   sh start.sh            opens the notebooks
#   sh start.sh report     the report of the training country; other commands as in README.md
#   sh start.sh check      compares every file with SHA256SUMS.txt
cd "$(dirname "$0")" || exit 1
export PIP_NO_INDEX=1 UV_OFFLINE=1

python=""
for version in @PYTHONS@; do
  for candidate in "python$version" python3 python; do
    if "$candidate" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null
    then
      python=$candidate
      break 2
    fi
  done
done
if [ -z "$python" ]; then
  echo "This kit needs one of these Pythons: @PYTHONS@." >&2
  echo "Found: none of them on this computer." >&2
  echo "What to do: install one from https://www.python.org/downloads/ and start again." >&2
  exit 1
fi

case "${1:-lab}" in
  check) exec "$python" check_copy.py ;;
esac
[ $# -gt 0 ] || set -- lab
exec "$python" workbook.py "$@"

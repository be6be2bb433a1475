# What the commands in this folder share; sourced by them, from the root of the repository.
# Needs nothing but python3: what else is missing is installed as root, or named.

# Say why it cannot go on, and stop.
stop() {
  printf '%s\n' "$@" >&2
  exit 1
}

# Install Debian or Ubuntu packages as root; otherwise print the command and stop.
#   system_packages REASON PACKAGE...
system_packages() {
  local reason=$1
  shift
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    stop "$reason. Please run this, then start again:" \
      "  sudo apt-get update && sudo apt-get install -y $*"
  fi
  echo "$reason: installing $*"
  if [ -z "${PACKAGE_LISTS_FRESH:-}" ]; then
    apt-get update -qq
    PACKAGE_LISTS_FRESH=yes
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

# A Python that is new enough and can make virtual environments.
check_python() {
  command -v python3 >/dev/null || system_packages "python3 is missing" python3 python3-venv
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "Python 3.11 or newer is needed; python3 is $(python3 -V 2>&1)."
  python3 -c 'import venv, ensurepip' 2>/dev/null ||
    system_packages "Python's venv module is missing" python3-venv
}

# Make .venv and install the pinned packages of a requirements file, unless that was done.
# An installation that was interrupted leaves its mark, and is begun anew.
#   install_requirements FILE
install_requirements() {
  local file=$1 unfinished=.venv/unfinished stamp=.venv/$1.sha256 wanted
  if [ -e "$unfinished" ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    check_python
    echo "Making a virtual environment in .venv"
    python3 -m venv --clear .venv
  fi
  wanted=$(cat requirements.txt "$file" | sha256sum)
  if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    echo "Installing $file"
    touch "$unfinished"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
      --root-user-action=ignore -r "$file"
    printf '%s\n' "$wanted" >"$stamp"
    rm "$unfinished"
  fi
}

# Compile the catalogues of translations, where there are any.
compile_translations() {
  if compgen -G 'tracker/translations/*/LC_MESSAGES/*.po' >/dev/null; then
    .venv/bin/python -m babel.messages.frontend --quiet compile -d tracker/translations
  fi
}

# Everything that a command needs before it runs Python code of ours.
#   prepare FILE
prepare() {
  install_requirements "$1"
  compile_translations
}

# Sourced by ./run, ./test and ./quytrinh: makes sure that all they need is installed, and nothing twice.
# Each step is keyed by the sha256 of what it reads; its stamp lies in .stamps/.

ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cd "$ROOT" || exit 2
VENV=$ROOT/.venv
PYTHON=$VENV/bin/python
# What Python has compiled is kept, whatever the shell says: else each command compiles everything again.
unset PYTHONDONTWRITEBYTECODE

die() {
    printf '%s\n' "$*" >&2
    exit 2
}

say() {
    printf '%s\n' "$*" >&2
}

# step NAME "FILES" WHAT COMMAND...: runs the command unless it has run on the same content of the files.
step() {
    name=$1 files=$2 what=$3
    shift 3
    # shellcheck disable=SC2086 # the list is split into words on purpose
    key=$(find $files -type f | LC_ALL=C sort | tr '\n' '\0' | xargs -0 sha256sum | sha256sum)
    if [ "$(cat ".stamps/$name" 2>/dev/null)" = "$key" ]; then
        return 0
    fi
    say "$what"
    rm -f ".stamps/$name"
    # In a shell of its own, because a step may have steps inside that use the same names.
    ("$@") || return 1
    printf '%s\n' "$key" >".stamps/$name"
}

# Two commands that start together would install into one folder: the second waits.
begin() {
    mkdir -p .stamps 2>/dev/null && [ -w .stamps ] ||
        die "The folder $ROOT cannot be written: give this user the right to, or clone elsewhere."
    exec 9>.stamps/lock
    if command -v flock >/dev/null; then flock 9; fi
}

finish() {
    exec 9>&-
}

python_ready() {
    # An environment that was moved with its folder has commands that point to the old place.
    [ -x "$PYTHON" ] && grep -qF "$VENV" "$VENV/bin/activate" 2>/dev/null || return 1
    "$PYTHON" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

need_python() {
    if python_ready; then return 0; fi
    command -v python3 >/dev/null ||
        die "Python is missing: install it with 'apt-get install python3 python3-venv', then run this again."
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        die "Python 3.11 or newer is needed and python3 is $(python3 -V 2>&1 | cut -d' ' -f2): install a newer one, then run this again."
    python3 -c 'import ensurepip, venv' 2>/dev/null ||
        die "Python's venv module is missing: install it with 'apt-get install python3-venv', then run this again."
    say "Making the Python environment in .venv"
    rm -rf "$VENV" .stamps/python-*
    python3 -m venv "$VENV" >/dev/null ||
        die "The Python environment could not be made in $VENV: look at the message above."
}

# lock NAME: what requirements/NAME.txt names is installed. uv is many times as quick as pip; where it
# cannot reach the packages (a mirror that only pip's configuration names), pip does the same work.
lock() {
    step python-uv requirements/uv.txt "Installing the installer" pip_install uv ||
        die "Python packages could not be fetched: check the network or pip's configuration, then run this again."
    step "python-$1" "requirements/$1.txt" "Installing Python packages ($1)" packages "$1" ||
        die "Python packages could not be fetched: check the network or pip's configuration, then run this again."
}

pip_install() {
    "$PYTHON" -m pip install -qq --disable-pip-version-check --no-input --no-deps \
        --require-hashes --requirement "requirements/$1.txt"
}

packages() {
    "$PYTHON" -m uv pip install --quiet --python "$PYTHON" --no-deps --require-hashes \
        --requirement "requirements/$1.txt" 2>"$ROOT/.stamps/uv.log" || pip_install "$1"
}

need_node() {
    if node_fits; then return 0; fi
    # PyPI's wheel of Node serves where the machine has none, or one that is too old.
    say "Node 20.19 or newer with npm is not installed; taking the one for Python environments"
    lock node
    PATH=$VENV/bin:$PATH
    export PATH
    node_fits || die "Node is missing: install Node 20.19 or newer with npm, then run this again."
}

node_fits() {
    command -v npm >/dev/null && command -v node >/dev/null && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number)
        process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null
}

front_end() {
    frontend=app/frontend
    [ -f app/static/dist/manifest.json ] && [ -d app/static/dist/fonts ] || rm -f .stamps/front-end
    sources="$frontend/src $frontend/build.mjs $frontend/package-lock.json $frontend/package.json"
    step front-end "$sources" "Building the front end" build_front_end ||
        die "The front end could not be built: look at the message above; without a network npm can fetch nothing."
}

build_front_end() {
    need_node
    [ -d $frontend/node_modules ] || rm -f .stamps/npm
    step npm "$frontend/package-lock.json $frontend/package.json" "Installing npm packages" npm_ci &&
        (cd $frontend && node build.mjs >/dev/null)
}

npm_ci() {
    (cd $frontend && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
}

translations() {
    find app -name '*.mo' | grep -q . || rm -f .stamps/translations
    sources=$(find app -name '*.po')
    [ -n "$sources" ] || return 0
    step translations "$sources" "Compiling translations" \
        "$PYTHON" -c 'from app import i18n; i18n.compile_catalogues()' ||
        die "The translations could not be compiled: look at the message above."
}

# The browser of the browser tests is Debian's own; without it they are skipped, and in CI they fail.
browser() {
    if command -v chromium >/dev/null; then return 0; fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installing Debian's Chromium for the browser tests"
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } \
            >.stamps/apt.log 2>&1 && return 0
    fi
    say "Browser tests need Debian's Chromium, which is not installed: apt-get install chromium"
}

# The directory of the tests is Debian's slapd, unpacked beside the environment: no service is installed or
# started, and nobody need be root. Where it cannot be had its tests are skipped, and in CI they fail.
directory() {
    if [ -x .slapd/usr/sbin/slapd ] || [ -x /usr/sbin/slapd ]; then return 0; fi
    if command -v apt-get >/dev/null; then
        say "Unpacking Debian's slapd for the tests of the directory"
        unpack slapd .slapd >.stamps/slapd.log 2>&1 && return 0
    fi
    say "Tests of the directory need Debian's slapd, which is not installed: apt-get install slapd"
}

# What saved lists look like elsewhere is asked of Debian's LibreOffice, unpacked in the same manner.
office() {
    calc=usr/lib/libreoffice/program/libsclo.so
    if [ -e .libreoffice/$calc ] || [ -e /$calc ]; then return 0; fi
    if command -v apt-get >/dev/null; then
        say "Unpacking Debian's LibreOffice for the tests of saved lists (90 MB)"
        unpack_office >.stamps/libreoffice.log 2>&1 && return 0
    fi
    say "Tests of saved lists need Debian's LibreOffice, which is not installed: apt-get install libreoffice-calc-nogui"
}

unpack_office() {
    rm -rf .libreoffice && unpack libreoffice-calc-nogui .libreoffice.made || return 1
    # Debian's names the place where it is installed; here it looks for its parts beside itself.
    sed -i 's|file:///usr/lib/libreoffice|${ORIGIN}/..|
        s|file:///etc/libreoffice/registry|${BRAND_BASE_DIR}/share/.registry|g' \
        .libreoffice.made/usr/lib/libreoffice/program/*rc && mv .libreoffice.made .libreoffice
}

# Signatures are looked at by Poppler's pdfsig too, which shares no code with what makes them.
pdf_tools() {
    if [ -x .poppler/usr/bin/pdfsig ] || [ -x /usr/bin/pdfsig ]; then return 0; fi
    if command -v apt-get >/dev/null; then
        say "Unpacking Debian's poppler-utils for the tests of signatures"
        unpack poppler-utils .poppler >.stamps/poppler.log 2>&1 && return 0
    fi
    say "Tests of signatures need Debian's poppler-utils, which are not installed: apt-get install poppler-utils"
}

# unpack PACKAGE FOLDER: the package lies in the folder, with all it needs that the machine has not.
unpack() {
    [ "$(id -u)" != 0 ] || apt-get update -qq
    rm -rf "$2.new" && mkdir -p "$2.new/fetched/partial" &&
        apt-get install -y -qq --download-only --no-install-recommends -o Debug::NoLocking=1 \
            -o Dir::Cache::archives="$ROOT/$2.new/fetched" "$1" || return 1
    for package in "$2.new/fetched/"*.deb; do
        dpkg-deb -x "$package" "$2.new" || return 1
    done
    rm -rf "$2.new/fetched" "$2" && mv "$2.new" "$2"
}

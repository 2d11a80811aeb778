# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What packaging/run, check, bench and tidy share: installing packages, configuring, building. Sourced, never run.
# Exit codes of every script: 2 wrong usage, 20 packages missing, 21 configure failed, 22 build failed.

readonly kUsage=2 kNoPackages=20 kNoConfigure=21 kNoBuild=22
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit

say() { printf '%s\n' "weightroom: $*"; }

# stop CODE WHAT [ADVICE...]: what failed, then what to do, each on a line of its own.
stop() {
    local code=$1
    shift
    printf 'weightroom: %s\n' "$1" >&2
    shift
    (($# == 0)) || printf '    %s\n' "$@" >&2
    exit "$code"
}

# The comment block at the top of the calling script is its manual.
show_help() { sed -n '3,/^[^#]/ { s/^# \{0,1\}//p }' "$root/packaging/${0##*/}"; }

wrong_usage() { stop "$kUsage" "$1" "packaging/${0##*/} --help lists what can be said."; }

# As many compilers at once as there are processors, and memory for (an Eigen kernel takes about 1 GiB).
jobs() {
    local processors memory
    processors=$(nproc)
    memory=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
    ((memory >= 1)) || memory=1
    echo "${JOBS:-$((processors < memory ? processors : memory))}"
}

system_name() { (. /etc/os-release 2>/dev/null && echo "${PRETTY_NAME:-an unknown system}") || echo "an unknown system"; }
is_debian_12() { (. /etc/os-release 2>/dev/null && [[ ${ID:-} == debian && ${VERSION_ID:-} == 12 ]]); }

packages_of() { awk -v wanted=" $* " '!/^#/ && NF == 2 && index(wanted, " " $1 " ") { print $2 }' packaging/packages.txt; }

# install_packages GROUP...: installs what is missing of these groups, or stops and says how to.
install_packages() {
    local package missing=() as_root=()
    is_debian_12 || say "this is $(system_name), not Debian 12: nobody has tried it here."
    if ! command -v dpkg-query >/dev/null; then
        [[ $install == yes ]] || return 0
        stop "$kNoPackages" "this system has no dpkg, so nothing can be installed for you." \
            "Install the equivalents of: $(packages_of "$@" | paste -sd' ')" \
            "then call this again with --no-install."
    fi
    while read -r package; do
        [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done < <(packages_of "$@")
    ((${#missing[@]})) || return 0

    local by_hand="apt-get install --no-install-recommends ${missing[*]}"
    [[ $install == yes ]] || stop "$kNoPackages" "missing packages: ${missing[*]}" "As root: $by_hand"
    if ((EUID != 0)); then
        command -v sudo >/dev/null || stop "$kNoPackages" \
            "missing packages: ${missing[*]}" "You are not root and there is no sudo. As root: $by_hand"
        as_root=(sudo)
        say "sudo may ask for your password."
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    say "installing Debian packages (a minute or two): ${missing[*]}"
    # Lists may be empty (a fresh container) or too old to be true.
    "${as_root[@]}" apt-get -qq update ||
        say "the package lists could not be refreshed; trying with those that are here."
    "${as_root[@]}" apt-get -qq install --no-install-recommends --yes -o Dpkg::Use-Pty=0 "${missing[@]}" \
        >build/apt.log 2>&1 || {
        tail -n 15 build/apt.log >&2
        stop "$kNoPackages" "the packages could not be installed (all of it: build/apt.log)." \
            "Is the network up, and is Debian's main archive in /etc/apt? Then: $by_hand"
    }
}

# configure PRESET
configure() {
    local log=build/$1/configure.log
    mkdir -p "build/$1"
    say "configuring $1"
    cmake --preset "$1" >"$log" 2>&1 || {
        grep -A8 'CMake Error' "$log" >&2 || tail -n 20 "$log" >&2
        stop "$kNoConfigure" "the $1 build could not be configured (all of it: $log)." \
            "If the folder was moved or the compiler changed, delete build/$1 and try again."
    }
    grep -h '^-- Weightroom' "$log" | sed 's/^-- /    /' || true
}

# build PRESET [TARGET...]
build() {
    local preset=$1 target arguments=()
    shift
    for target in "$@"; do arguments+=(--target "$target"); done
    say "building $preset ($(jobs) at a time)"
    cmake --build --preset "$preset" --parallel "$(jobs)" "${arguments[@]}" ||
        stop "$kNoBuild" "the $preset build failed; the compiler's words stand above." \
            "Repeat just this step: cmake --build --preset $preset" \
            "If a compiler was killed, memory ran out: try JOBS=1 packaging/${0##*/}"
}

install=yes
mkdir -p build

# shellcheck shell=bash
# User-mode Linux: the kernel as a program. Sourced by scripts/guest, which says what KERNELS, WORK, SHARE and the rest are.

UML=$KERNELS/uml

uml_lacks() {
    local tool
    [ "$(uname -m)" = x86_64 ] || echo "user-mode Linux is for x86_64 here"
    for tool in gcc make flex bison bc xz cpio busybox apt-get dpkg-deb; do have "$tool" || echo "$tool is missing"; done
}

uml_stamp() { sha256sum <scripts/guest.d/uml.config; }
uml_is_built() { [ "$(cat "$UML/.stamp" 2>/dev/null)" = "$(uml_stamp)" ]; }

# Debian's kernel source, without what this kernel cannot contain: two thirds of it.
uml_source() {
    local package=linux-source-6.12
    apt-cache show "$package" >/dev/null 2>&1 || package=$(apt-cache depends linux-source | sed -n 's/.*Depends: //p')
    apt-get -qq -o APT::Sandbox::User=root download "$package" >/dev/null || return 1
    dpkg-deb --fsys-tarfile linux-source*.deb | tar -xO --wildcards '*/linux-source-*.tar.xz' >source.tar.xz || return 1
    rm -f linux-source*.deb
    mkdir source
    tar -xJf source.tar.xz -C source --strip-components=1 --exclude='*/Documentation/[a-z]*' --exclude='*/tools/testing' \
        --exclude='*/drivers/gpu/*.[ch]' --exclude='*/drivers/media/*.[ch]' --exclude='*/drivers/net/*/*.[ch]' \
        --exclude='*/arch/[!ux]*/*.[chS]' --exclude='*/arch/*.dts*' --exclude='*/sound/*.[ch]' || return 1
    rm -f source.tar.xz
}

uml_configure() {
    local option options=() missing=()
    for option in $(grep -v '^#' "$ROOT/scripts/guest.d/uml.config"); do options+=(-e "$option"); done
    make -s ARCH=um tinyconfig
    scripts/config "${options[@]}" -d MODULES -d DEBUG_INFO -d CC_OPTIMIZE_FOR_SIZE
    make -s ARCH=um olddefconfig
    for option in $(grep -v '^#' "$ROOT/scripts/guest.d/uml.config"); do
        grep -q "^CONFIG_$option=y" .config || missing+=("$option")
    done
    [ ${#missing[@]} = 0 ] || say "this kernel has no ${missing[*]}"
    [[ " ${missing[*]} " != *" UHID "* && " ${missing[*]} " != *" HIDRAW "* && " ${missing[*]} " != *" HOSTFS "* ]]
}

uml_build() (
    build=$(mktemp -d "$KERNELS/build.XXXXXX")
    trap 'rm -rf "$build"' EXIT
    mkdir -p "$UML"
    cd "$build"
    say "fetching Debian's kernel source"
    uml_source || return 1
    cd source
    { uml_configure && make -s ARCH=um -j"$(nproc)" linux; } >"$UML/build.log" 2>&1 || { tail -n 20 "$UML/build.log" >&2 && return 1; }
    strip -o "$UML/linux" linux && cp .config "$UML/config" && cd "$ROOT" && uml_stamp >"$UML/.stamp"
)

# The memory of the guest is a file in TMPDIR: it should not be on a disk.
uml_run() {
    local temporary=${TMPDIR:-/tmp}
    if [ "$(df --output=avail --block-size=1M /dev/shm | tail -n 1)" -gt "$MEMORY" ]; then temporary=/dev/shm; fi
    TMPDIR=$temporary timeout --foreground -k 5 "$TIMEOUT" "$UML/linux" "mem=${MEMORY}M" initrd="$WORK/initrd" quiet \
        con=null con0=null,fd:2 ssl0=null,fd:3 ssl1=null,fd:4 umid="guest$$" \
        guest.kind=uml guest.job="$WORK" guest.share="$SHARE" guest.udev="$UDEV" </dev/null >"$WORK/console" 2>&1 3>&"$1" 4>&"$2"
}

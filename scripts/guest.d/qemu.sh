# shellcheck shell=bash
# An emulated machine with Debian's own kernel: nothing is compiled, but it is slower than user-mode Linux. Sourced by
# scripts/guest, which says what KERNELS, WORK, SHARE and the rest are.

QEMU=$KERNELS/qemu

qemu_lacks() {
    local tool
    [ "$(uname -m)" = x86_64 ] || echo "the emulated machine is an x86_64 one here"
    for tool in qemu-system-x86_64 cpio busybox xz modprobe depmod apt-cache dpkg-deb; do
        have "$tool" || echo "$tool is missing"
    done
}

# The kernel's modules that the guest loads.
QEMU_MODULES=(virtio_pci virtio_console virtio_rng 9pnet_virtio 9p overlay hid hid-generic uhid)

qemu_is_built() { [ "$(cat "$QEMU/.stamp" 2>/dev/null)" = "${QEMU_MODULES[*]}" ]; }

# qemu_modules ROOT VERSION INITRD : copies them, and those that they need.
qemu_modules() {
    local root=$1 version=$2 initrd=$3 module file
    for module in "${QEMU_MODULES[@]}"; do
        modprobe -d "$root" -S "$version" --show-depends "$module" 2>/dev/null | awk '$1 == "insmod" { print $2 }'
    done | sort -u | while read -r file; do
        mkdir -p "$initrd/$(dirname "${file#"$root"}")"
        cp "$file" "$initrd/${file#"$root"}"
    done
    find "$initrd/lib/modules" -name '*.ko.xz' -exec xz -d {} +
    find "$initrd/lib/modules" -name '*.ko.zst' -exec zstd -q -d --rm {} +
    cp "$root/lib/modules/$version"/modules.{order,builtin,builtin.modinfo} "$initrd/lib/modules/$version/"
    depmod -b "$initrd" "$version"
    printf '%s\n' "${QEMU_MODULES[@]}" >"$initrd/modules"
}

qemu_build() (
    build=$(mktemp -d "$KERNELS/build.XXXXXX")
    trap 'rm -rf "$build"' EXIT
    mkdir -p "$QEMU"
    package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
    say "fetching Debian's kernel $package"
    (cd "$build" && apt-get -qq -o APT::Sandbox::User=root download "$package" >/dev/null && dpkg-deb -x "$package"*.deb root) || return 1
    # Debian's kernels stand under /usr since trixie.
    if [ -d "$build/root/usr/lib/modules" ]; then ln -s usr/lib "$build/root/lib"; fi
    version=$(ls "$build/root/lib/modules")
    depmod -b "$build/root" "$version"
    rm -rf "$QEMU/initrd"
    mkdir -p "$QEMU/initrd/lib/modules/$version"
    qemu_modules "$build/root" "$version" "$QEMU/initrd" && cp "$build/root/boot/vmlinuz-$version" "$QEMU/vmlinuz" &&
        printf '%s\n' "${QEMU_MODULES[*]}" >"$QEMU/.stamp"
)

# Hardware that runs guests is used where there is some; a /dev/kvm made by software hangs Debian's kernel.
qemu_run() {
    local accelerator=tcg cpu=max folders=()
    if [ -w /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo; then accelerator=kvm cpu=host,arch-capabilities=off; fi
    folder() { folders+=(-fsdev "local,id=$1,path=$2,security_model=none,multidevs=remap$3" -device "virtio-9p-pci,fsdev=$1,mount_tag=$1"); }
    folder root / ,readonly=on
    folder job "$WORK" ''
    folder share "$SHARE" ''
    # Named pipes, so that what the command writes is passed on at once.
    mkfifo "$WORK/output" "$WORK/errors"
    cat "$WORK/output" >&"$1" &
    cat "$WORK/errors" >&"$2" &
    local status=0
    timeout --foreground -k 5 "$TIMEOUT" qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none \
        -machine "q35,accel=$accelerator,usb=off" -cpu "$cpu" -smp 2 -m "$MEMORY" \
        -kernel "$QEMU/vmlinuz" -initrd "$WORK/initrd" \
        -append "console=ttyS0 quiet loglevel=4 panic=-1 reboot=t mitigations=off random.trust_cpu=on guest.kind=qemu guest.job=job guest.share=$SHARE guest.udev=$UDEV" \
        -chardev "file,id=console,path=$WORK/console" -serial chardev:console -device virtio-rng-pci -device virtio-serial-pci \
        -chardev "file,id=output,path=$WORK/output" -device virtserialport,chardev=output,name=output \
        -chardev "file,id=errors,path=$WORK/errors" -device virtserialport,chardev=errors,name=errors \
        "${folders[@]}" </dev/null >&2 || status=$?
    # Where qemu never opened them, the readers still wait.
    : 3<>"$WORK/output" 4<>"$WORK/errors"
    wait
    return "$status"
}

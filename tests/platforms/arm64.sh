#!/bin/sh
# Runs the core's tests on an arm64 kernel: Debian's, in a machine that qemu-system-aarch64 emulates.
#
#   sudo tests/platforms/arm64.sh [options of the tests' runner, such as -class '*.TcpKeepAliveTests']
#
# Needs root and the packages debootstrap, qemu-system-arm, cpio and kmod of any Debian, the .NET SDK, 6 GB of disk and 6 GB
# of memory. Debian's packages come from $MIRROR, else from where debootstrap looks by itself. What was made stays in the
# folder of $PLACE (else of the system's temporary files) for the next run.
set -eu
checkout=$(cd "$(dirname "$0")/../.." && pwd)
place=${PLACE:-${TMPDIR:-/tmp}/netkeepalive-arm64}
suite=${SUITE:-bookworm}
root=$place/root
mkdir -p "$place"

dotnet publish "$checkout/tests/NetKeepAlive.Tests" -c Release -r linux-arm64 -v quiet \
    -p:RunAnalyzers=false --artifacts-path "$place/obj" -o "$place/tests"

# The packages are unpacked, not set up: nothing of arm64 runs on this machine.
if [ ! -e "$place/vmlinuz" ]; then
    rm -rf "$root"
    debootstrap --foreign --arch=arm64 --variant=minbase \
        --include=linux-image-arm64,kmod,iproute2,libssl3,libstdc++6,zlib1g,procps "$suite" "$root" ${MIRROR:+"$MIRROR"}
    for package in "$root"/var/cache/apt/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$root"
    done
    version=$(ls "$root/lib/modules")
    # Of the modules, those of the network.
    find "$root/lib/modules/$version/kernel" -mindepth 1 -maxdepth 1 ! -name net ! -name lib ! -name crypto -exec rm -r {} +
    depmod -b "$root" "$version"
    mv "$root/boot/vmlinuz-$version" "$place/vmlinuz"
    rm -rf "$root/boot" "$root/var/cache/apt" "$root/var/lib/apt" "$root"/usr/share/doc "$root"/usr/share/locale "$root"/usr/share/man
fi

# debootstrap makes a link of proc, where this machine is a container.
rm -rf "$root/tests" "$root/proc"
mkdir "$root/proc"
cp -r "$place/tests" "$root/tests"
{
    cat <<'INIT'
#!/bin/sh
export PATH=/usr/sbin:/usr/bin HOME=/tmp TERM=dumb DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /sys/fs/cgroup
mount -t tmpfs tmp /tmp
mount -t cgroup2 cgroup /sys/fs/cgroup
echo '127.0.0.1 localhost' >/etc/hosts
ip link set lo up
echo "$(uname -srm), $(nproc) processors"
INIT
    # What reads the checkout's sources is the same everywhere.
    printf '/tests/NetKeepAlive.Tests -noLogo -noColor -reporter verbose -namespace- NetKeepAlive.Tests.Architecture'
    for word; do
        printf " '%s'" "$word"
    done
    printf '\necho "ended with code $?"\necho o >/proc/sysrq-trigger\nsleep 60\n'
} >"$root/init"
chmod +x "$root/init"
(cd "$root" && find . | cpio --quiet -o -H newc) >"$place/initrd"

# With a newer processor qemu 7.2 emulates what .NET 10 then uses, and fails at it.
timeout "${LIMIT:-7200}" qemu-system-aarch64 -M virt -cpu cortex-a72 -smp 2 -m 4G -accel tcg,thread=multi \
    -kernel "$place/vmlinuz" -initrd "$place/initrd" -append 'console=ttyAMA0 rdinit=/init panic=-1 loglevel=3' \
    -net none -no-reboot -nographic </dev/null | tee "$place/console.log"
grep -q 'ended with code 0' "$place/console.log"

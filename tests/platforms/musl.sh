#!/bin/sh
# Runs the core's tests on musl, on a Debian of x64 whose C library is glibc.
#
#   tests/platforms/musl.sh [options of the tests' runner, such as -class '*.DurationTests']
#
# Needs the packages musl, gcc, libstdc++6 and libssl3 of Debian, and the .NET SDK. What was made stays in the folder of $PLACE
# (else of the system's temporary files). Culture data (ICU) is not there for musl: the tests run without.
set -eu
checkout=$(cd "$(dirname "$0")/../.." && pwd)
place=${PLACE:-${TMPDIR:-/tmp}/netkeepalive-musl}
# Within a checkout, for what reads its sources.
tests=$checkout/artifacts/musl
mkdir -p "$place/lib"

dotnet publish "$checkout/tests/NetKeepAlive.Tests" -c Release -r linux-musl-x64 -v quiet \
    -p:RunAnalyzers=false --artifacts-path "$place/obj" -o "$tests"

loader=ld-linux-x86-64.so.2
gcc -shared -fPIC -nostdlib -O2 -U_FORTIFY_SOURCE -fno-builtin -Wl,-soname,$loader -o "$place/lib/$loader" "$checkout/tests/platforms/musl.c"
for library in libstdc++.so.6 libgcc_s.so.1 libssl.so.3 libcrypto.so.3; do
    cp -L "/usr/lib/x86_64-linux-gnu/$library" "$place/lib"
done

dpkg-query -W -f '${Package} ${Version}\n' musl
LD_LIBRARY_PATH=$place/lib DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 timeout "${LIMIT:-1800}" "$tests/NetKeepAlive.Tests" -noLogo -noColor "$@"

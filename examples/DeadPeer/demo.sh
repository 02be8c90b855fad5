#!/bin/sh
# Runs the sample in a network namespace of its own, in which it can cut its peer off.
set -eu
cd "$(dirname "$0")"
dotnet build -c Release -v quiet -clp:NoSummary
sample=$(ls bin/Release/*/DeadPeer.dll | head -n 1)
for way in "--user --map-root-user --net" "--net"; do
    # The words of $way are options of unshare.
    # shellcheck disable=SC2086
    if command -v ip >/dev/null && unshare $way true 2>/dev/null; then
        exec unshare $way dotnet "$sample"
    fi
done
echo "The demo cuts a peer off inside a network namespace of its own. That needs Linux with unshare (util-linux) and" >&2
echo "ip (iproute2), and either user namespaces or root." >&2
exit 1

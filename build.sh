#!/bin/sh
# Builds, tests and shows NetKeepAlive:
#   ./build.sh [Build|Test|Analyze|Help|Package|Demo|Bench|Partners|Release|Clean]
# Takes pwsh from PATH, else restores it as the .NET tool that .config/dotnet-tools.json pins. Where neither can be had
# it does what needs no PowerShell, and names what it left out.
set -eu
cd "$(dirname "$0")"
task=${1:-Build}
[ $# -eq 0 ] || shift
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# Installs the programs that the tests talk to. Needs neither .NET nor PowerShell.
install_partners() {
    packages=$(sed 's/#.*//' tests/partners.txt | tr '\n' ' ')
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "build.sh: Partners needs apt-get (Debian or Ubuntu). The tests use what these packages hold:" $packages >&2
        exit 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        echo "build.sh: Partners needs root: sudo ./build.sh Partners" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q update
    # The words of $packages are packages.
    # shellcheck disable=SC2086
    apt-get -q install -y --no-install-recommends $packages </dev/null
}

if [ "$task" = Partners ] || [ "$task" = partners ]; then
    install_partners
    exit
fi

if ! command -v dotnet >/dev/null 2>&1; then
    echo "build.sh: the .NET SDK (8.0 or later) is needed: https://dotnet.microsoft.com/download" >&2
    exit 1
fi

if command -v pwsh >/dev/null 2>&1; then
    exec pwsh -NoLogo -NoProfile -File ./build.ps1 -Task "$task" "$@"
fi
if restored=$(dotnet tool restore 2>&1); then
    exec dotnet tool run pwsh -- -NoLogo -NoProfile -File ./build.ps1 -Task "$task" "$@"
fi

echo "$restored" >&2
echo "No pwsh on PATH, and the .NET tool 'powershell' could not be restored: https://aka.ms/powershell tells how to get it."
case $task in
Build)
    dotnet build src/NetKeepAlive.PowerShell -c Release -v quiet
    cp src/NetKeepAlive.PowerShell/bin/Release/net8.0/NetKeepAlive*.dll module/
    echo "Built the module's assemblies. Not done without pwsh: the help."
    ;;
Test)
    result=0
    dotnet test tests/NetKeepAlive.Tests -c Release -v quiet --logger "console;verbosity=normal" >artifacts.log 2>&1 || result=$?
    mkdir -p artifacts && mv artifacts.log artifacts/core-tests.log
    # Where no test ran at all there is no summary, and the whole log says why.
    grep -E '^ *(Failed|Skipped) ' artifacts/core-tests.log || true
    count() { sed -n "s/^ *$1: *\([0-9]*\).*/\1/p" artifacts/core-tests.log | tail -n 1; }
    passed=$(count Passed)
    [ -n "$passed" ] || { cat artifacts/core-tests.log; exit 1; }
    failed=$(count Failed) skipped=$(count Skipped)
    [ "$result" -eq 0 ] || cat artifacts/core-tests.log
    echo "Not run without pwsh: the cmdlets' tests (tests/pester), the script analysis, the help."
    echo "$passed passed, ${failed:-0} failed, ${skipped:-0} skipped"
    exit "$result"
    ;;
Demo)
    exec examples/DeadPeer/demo.sh "$@"
    ;;
Clean)
    rm -rf artifacts en-US module/*.dll src/*/bin src/*/obj tests/*/bin tests/*/obj examples/*/bin examples/*/obj
    ;;
*)
    echo "The task $task needs pwsh." >&2
    exit 1
    ;;
esac

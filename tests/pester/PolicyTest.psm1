# What the tests of keep-alive policies share: control groups of their own, programs in them, and what a policy needs.

# Where cgroup2 is mounted; nothing where it is not.
function Get-TestGroupRoot {
    if ($IsLinux) {
        $mount = Get-Content /proc/self/mountinfo | Where-Object { $_ -match ' - cgroup2 ' } | Select-Object -First 1
        ($mount -split ' ')[4]
    }
}

# Skips the running test where no policy can be made.
function Skip-WithoutPolicy([string[]]$Tool = @()) {
    if (-not $IsLinux -or (id -u) -ne 0 -or -not (Get-TestGroupRoot)) {
        Set-ItResult -Skipped -Because 'it takes Linux, root and cgroup2'
        return
    }
    try {
        (New-TcpKeepAlivePolicy "probe-$PID" -ControlGroup (Get-TestGroupRoot) -RemotePort 0 -IdleTime 30 -ErrorAction Stop).Dispose()
    } catch {
        Set-ItResult -Skipped -Because "no policy can be made here: $_"
        return
    }
    Skip-WithoutTool $Tool
}

# A control group below the root, for one test; its folder.
function New-TestGroup([string]$Name = "nktest-$PID-$([guid]::NewGuid().ToString('N').Substring(0, 6))") {
    $folder = "$(Get-TestGroupRoot)/$Name"
    $null = New-Item $folder -ItemType Directory -Force
    $folder
}

# Removes a group, those in it, and the processes of them all; what is gone already is no error.
function Remove-TestGroup([string]$Folder) {
    if ($Folder -and (Test-Path $Folder)) {
        $all = @(Get-ChildItem $Folder -Directory -Recurse | Sort-Object { $_.FullName.Length } -Descending | ForEach-Object FullName) + $Folder
        foreach ($one in $all) {
            foreach ($process in Get-Content "$one/cgroup.procs") {
                Stop-Process -Id $process -Force -ErrorAction Ignore
            }
            Wait-Until { -not (Get-Content "$one/cgroup.procs") } "an empty $one"
            [System.IO.Directory]::Delete($one)
        }
    }
}

# Starts a program that is in the group before it does anything.
function Start-InGroup([string]$Folder, [string]$Name, [string[]]$ArgumentList) {
    Start-TestProcess sh (@('-c', 'echo $$ > "$0"/cgroup.procs && exec "$@"', $Folder, $Name) + $ArgumentList)
}

# Runs a program in the group to its end; its output as lines.
function Invoke-InGroup([string]$Folder, [string]$Name, [string[]]$ArgumentList) {
    sh -c 'echo $$ > "$0"/cgroup.procs && exec "$@"' $Folder $Name @ArgumentList
}

# Python: makes connections of a kind, and prints of each end whether keep-alive is on and the four settings.
$script:pairs = @'
import socket, sys
def show(name, s):
    print(name, s.getsockopt(1, 9), *[s.getsockopt(6, o) for o in (4, 5, 6, 18)], flush=True)
def pair(family, address, to=None, before=None, port=0, source=None, listening=None, type=0):
    l = socket.socket(family, socket.SOCK_STREAM, type)
    l.setsockopt(1, 2, 1)
    if family == socket.AF_INET6: l.setsockopt(41, 26, 0)
    if listening: listening(l)
    l.bind((address, port)); l.listen(16)
    to = (to or address, l.getsockname()[1])
    c = socket.socket(socket.AF_INET6 if ':' in to[0] else socket.AF_INET)
    if before: before(c)
    if source: c.bind(source)
    c.connect(to)
    s, _ = l.accept()
    l.close()
    return c, s
'@

# Runs a Python program that has the functions pair and show in a group; its output as lines.
function Invoke-Pair([string]$Folder, [string]$Program, [string[]]$ArgumentList = @()) {
    Invoke-InGroup $Folder python3 (@('-c', "$script:pairs`n$Program") + $ArgumentList)
}

# Runs a command where no bpffs is mounted, whatever the machine or another test has: what it mounts is its own.
function Invoke-InOwnMount([string[]]$Command) {
    unshare --mount sh -c 'while umount /sys/fs/bpf 2> /dev/null; do :; done; exec "$@"' sh @Command
}

# Removes the policies whose names begin like those of this test run.
function Remove-TestPolicy([string]$Name) {
    Get-TcpKeepAlivePolicy $Name -ErrorAction Ignore | Remove-TcpKeepAlivePolicy -ErrorAction Ignore
}

Export-ModuleMember -Function *-*

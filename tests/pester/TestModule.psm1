# What the tests share: the built module, processes that end with the test, and waiting with a deadline.

# The module under test: the one that would be published, else the one built in place.
function Import-TestModule {
    $manifest = if ($env:NETKEEPALIVE_MANIFEST) {
        $env:NETKEEPALIVE_MANIFEST
    } else {
        Join-Path $PSScriptRoot '../../NetKeepAlive.psd1'
    }
    Import-Module $manifest -Global
}

# The command that starts this very pwsh once more, as words.
function Get-TestPwsh {
    @(& (Join-Path $PSScriptRoot '../../examples/Get-PwshCommand.ps1'))
}

# The same as text for a shell.
function Get-TestPwshText {
    (Get-TestPwsh | ForEach-Object { "'$_'" }) -join ' '
}

# Runs another pwsh like this one with the arguments given, to its end; its output as lines.
function Invoke-TestPwsh {
    env @(Get-TestPwsh) @args
}

# Starts another pwsh like this one, as Start-TestProcess does.
function Start-TestPwsh([string[]]$ArgumentList) {
    $command = @(Get-TestPwsh) + $ArgumentList
    Start-TestProcess $command[0] $command[1..($command.Count - 1)]
}

# The path of the manifest, for a pwsh that a test starts.
function Get-TestManifest {
    (Get-Module NetKeepAlive).Path -replace 'module/NetKeepAlive\.PowerShell\.dll$', 'NetKeepAlive.psd1'
}

# A connected pair of TCP sockets on loopback, on a port that the kernel chose.
function New-TestConnection([string]$Address = '127.0.0.1') {
    $ip = [ipaddress]$Address
    $listener = [System.Net.Sockets.Socket]::new($ip.AddressFamily, 'Stream', 'Tcp')
    $listener.Bind([System.Net.IPEndPoint]::new($ip, 0))
    $listener.Listen(1)
    $client = [System.Net.Sockets.Socket]::new($ip.AddressFamily, 'Stream', 'Tcp')
    $client.Connect($listener.LocalEndPoint)
    $server = $listener.Accept()
    $listener.Dispose()
    [pscustomobject]@{ Client = $client; Server = $server; Port = $server.LocalEndPoint.Port }
}

# Asks again until the answer is true; fails after the deadline.
function Wait-Until([scriptblock]$Condition, [string]$What = 'the condition', [double]$Seconds = 60) {
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($clock.Elapsed.TotalSeconds -gt $Seconds) {
            throw "Waited $Seconds s for $What."
        }
        Start-Sleep -Milliseconds 20
    }
}

# Starts a program with its standard streams redirected; End-TestProcess (or the test's AfterEach) ends it.
function Start-TestProcess([string]$Name, [string[]]$ArgumentList) {
    $start = [System.Diagnostics.ProcessStartInfo]::new($Name)
    foreach ($argument in $ArgumentList) {
        $start.ArgumentList.Add($argument)
    }
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    [System.Diagnostics.Process]::Start($start)
}

function Stop-TestProcess([System.Diagnostics.Process]$Process) {
    if ($Process) {
        if (-not $Process.HasExited) {
            $Process.Kill($true)
        }
        $null = $Process.WaitForExit(5000)
        $Process.Dispose()
    }
}

# Makes system calls of a process fail, as strace writes it: 'accept4:error=EMFILE:when=1'. Returns the tracer once it has
# every thread.
function Start-TestTracer([System.Diagnostics.Process]$Process, [string[]]$Inject, [string]$Log = '/dev/null') {
    $calls = ($Inject | ForEach-Object { ($_ -split ':')[0] }) -join ','
    $options = $Inject | ForEach-Object { '-e', "inject=$_" }
    $tracer = Start-TestProcess strace (@('-f', '-q', '-e', "trace=$calls") + $options + @('-o', $Log, '-p', $Process.Id))
    try {
        # strace -f takes the threads one by one.
        Wait-Until { -not (Get-UntracedThread $Process) } 'strace'
    } catch {
        Stop-TestProcess $tracer
        throw
    }
    $tracer
}

# A line of proc(5) for each thread of a process that no tracer has.
function Get-UntracedThread([System.Diagnostics.Process]$Process) {
    # A thread may end while it is looked at.
    Get-Content "/proc/$($Process.Id)/task/*/status" -ErrorAction Ignore | Select-String '^TracerPid:\s*0$'
}

# The reason to skip a test that needs programs which are not here; nothing where all are.
function Get-MissingTool([string[]]$Name) {
    $missing = $Name | Where-Object { -not (Get-Command $_ -CommandType Application -ErrorAction Ignore) }
    if ($missing) {
        "not installed: $($missing -join ', ')"
    }
}

# Skips the running test where a program it needs is not here.
function Skip-WithoutTool([string[]]$Name) {
    $reason = Get-MissingTool $Name
    if ($reason) {
        Set-ItResult -Skipped -Because $reason
    }
}

# How to enter a network namespace of one's own: the arguments of unshare. Nothing where it cannot be done.
function Get-NamespaceArgument {
    if ((Get-MissingTool unshare, ip)) {
        return
    }
    foreach ($way in @('--user', '--map-root-user', '--net'), @(, '--net')) {
        unshare @way true 2>$null
        if ($LASTEXITCODE -eq 0) {
            return $way
        }
    }
}

# Runs a script in a pwsh of its own inside a network namespace with nothing but lo, which is up. The script finds the
# module imported, and in $pwsh what starts another pwsh from a shell; what it writes to the output comes back as lines.
function Invoke-InNamespace([string]$Script) {
    $file = New-TemporaryFile
    try {
        "`$ErrorActionPreference = 'Stop'; `$PSStyle.OutputRendering = 'PlainText'; Import-Module '$(Get-TestManifest)'; ip link set lo up; `$pwsh = `"$(Get-TestPwshText)`"`n$Script" |
            Set-Content "$file.ps1"
        $way = Get-NamespaceArgument
        unshare @way @(Get-TestPwsh) -NoLogo -NoProfile -NonInteractive -File "$file.ps1" 2>&1
    } finally {
        Remove-Item $file, "$file.ps1" -ErrorAction Ignore
    }
}

# Runs a script in a pwsh with the module, in a namespace where the resolver never answers; a name takes a minute and a half.
function Invoke-WithSilentResolver([string]$Script) {
    $file = New-TemporaryFile
    try {
        'nameserver 10.99.0.9', 'options timeout:30 attempts:3' | Set-Content $file
        # The resolver, whom nobody waits for any more, is not to hold up the end of this pwsh.
        "Import-Module '$(Get-TestManifest)'`n$Script`n[Console]::Out.Flush()`nkill -9 `$PID" | Set-Content "$file.ps1"
        Invoke-InNamespace @"
ip address add 10.99.0.9/32 dev lo
iptables -A INPUT -d 10.99.0.9 -j DROP
unshare --mount sh -c "mount --bind $file /etc/resolv.conf && exec `$pwsh -NoProfile -File $file.ps1"
"@
    } finally {
        Remove-Item $file, "$file.ps1" -ErrorAction Ignore
    }
}

# How root becomes the user nobody: setpriv's arguments.
$nobody = '--reuid', '65534', '--regid', '65534', '--clear-groups'

# The command that starts this very pwsh for the user nobody, who may not be let in where it is (a tool in root's home):
# from a copy in the folder then, of its .NET too where that is not its own.
function Get-PwshForNobody([string]$Folder) {
    $command = @(Get-TestPwsh)
    $denied = foreach ($file in $command) {
        setpriv @nobody test -r $file
        if ($LASTEXITCODE -ne 0) { $file }
    }
    setpriv @nobody test -x $command[0]
    if ($LASTEXITCODE -eq 0 -and -not $denied) {
        return $command
    }
    cp -rL $PSHOME "$Folder/pwsh"
    $runtime = [System.Runtime.InteropServices.RuntimeEnvironment]::GetRuntimeDirectory().TrimEnd('/')
    if ($runtime -eq $PSHOME) {
        return "$Folder/pwsh/pwsh"
    }
    $shared = New-Item "$Folder/dotnet/shared/Microsoft.NETCore.App" -ItemType Directory
    cp -rL $runtime $shared
    $root = Join-Path $runtime '../../..'
    cp -rL "$root/dotnet" "$root/host" "$Folder/dotnet"
    "$Folder/dotnet/dotnet", "$Folder/pwsh/pwsh.dll"
}

# Runs a script in a pwsh of the user nobody, who finds the module imported; its output comes back as lines.
function Invoke-AsNobody([string]$Script) {
    $folder = Join-Path ([System.IO.Path]::GetTempPath()) "nobody-$([guid]::NewGuid())"
    $null = New-Item $folder -ItemType Directory
    try {
        # Another user may not be let into the folder of the checkout, which may hold gigabytes.
        Copy-Item (Get-TestManifest), (Join-Path (Split-Path (Get-TestManifest)) 'module') $folder -Recurse
        $command = @(Get-PwshForNobody $folder)
        chmod -R a+rwX $folder
        $script = "`$PSStyle.OutputRendering = 'PlainText'; Import-Module '$folder/NetKeepAlive.psd1'`n$Script"
        $encoded = [Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes($script))
        setpriv @nobody env "HOME=$folder" @command -NoLogo -NoProfile -NonInteractive -OutputFormat Text -EncodedCommand $encoded
    } finally {
        Remove-Item $folder -Recurse -Force
    }
}

# Skips the running test where it cannot become another user.
function Skip-WithoutNobody {
    if (-not $IsLinux -or (id -u) -ne 0 -or (Get-MissingTool setpriv)) {
        Set-ItResult -Skipped -Because 'it takes Linux, root and setpriv to become another user'
    }
}

# Skips the running test where it cannot have a network namespace.
function Skip-WithoutNamespace {
    if (-not (Get-NamespaceArgument)) {
        Set-ItResult -Skipped -Because 'it takes a network namespace: Linux, iproute2, and user namespaces or root'
    }
}

Export-ModuleMember -Function *-*

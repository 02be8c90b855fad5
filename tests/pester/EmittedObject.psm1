# One object of every type that the module's cmdlets emit, for tests of what all of them promise: to be data, and to bind
# to nothing that they are not meant for.
Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
Import-Module (Join-Path $PSScriptRoot 'SocketTest.psm1')
Import-Module (Join-Path $PSScriptRoot 'PolicyTest.psm1')

$recipes = @{
    'NetKeepAlive.TcpKeepAlive'            = { $pair.Client | Get-TcpKeepAlive }
    'NetKeepAlive.TcpKeepAliveTestResult'  = { Test-TcpKeepAlive $pair.Client -IdleTime 10 -Timeout 0 -ErrorAction Ignore }
    'NetKeepAlive.TcpConnection'           = { Get-TcpConnection -LocalPort $listener.LocalPort -State Established -KeepAlive }
    'NetKeepAlive.TcpConnectionChange'     = { Get-ChangeSample $listener }
    'NetKeepAlive.UdpEndpoint'             = { Get-UdpEndpoint -LocalPort $udp.Client.LocalEndPoint.Port }
    'NetKeepAlive.UnixSocketInfo'          = { Get-UnixSocket -Path $unix.LocalPath }
    'NetKeepAlive.TcpInfo'                 = { Get-TcpInfo $pair.Client }
    'NetKeepAlive.StreamSocket'            = { $pair.Client }
    'NetKeepAlive.SeqpacketSocket'         = { $messages[0] }
    'NetKeepAlive.UnixDatagramSocket'      = { $datagram }
    'NetKeepAlive.NetSocket'               = { $pair.Server }
    'NetKeepAlive.SocketListener'          = { $listener; $unix }
    'NetKeepAlive.SocketMessage'           = { 'hello' | Send-SocketData $messages[1]; Receive-SocketData $messages[0] -Timeout 10 }
    'NetKeepAlive.SocketBlockList'         = { , (New-SocketBlockList -Address 10.0.0.1 -Subnet 192.168.0.0/16) }
    'NetKeepAlive.SocketOption'            = { Get-SocketOption -ListAvailable | Where-Object Name -EQ KeepAliveInterval }
    'NetKeepAlive.SocketOptionValue'       = { $pair.Client | Get-SocketOption KeepAliveInterval }
    'NetKeepAlive.ConnectionAttempt'       = { $pair.Client.ConnectionAttempts[0] }
    'NetKeepAlive.PeerCredential'          = { $messages[0].PeerCredential }
    'NetKeepAlive.TcpKeepAlivePolicy'      = { Get-PolicySample }
    'NetKeepAlive.PowerShell.Servers.SocketServerJob' = { $job }
}

# What a watch tells of a listener to which somebody connects.
function Get-ChangeSample($Listener) {
    $watch = Start-TestPipeline { param($port) Watch-TcpConnection -LocalPort $port -Interval 0.1 } $Listener.LocalPort
    try {
        # The watch tells only of what comes after its beginning, and of what is there when it looks.
        Wait-Until {
            $client = Connect-TcpSocket 127.0.0.1 $Listener.LocalPort -Timeout 5
            Start-Sleep -Milliseconds 300
            $client | Close-Socket -Reset
            $watch.Output.Count -gt 0
        } 'a change'
        $watch.Output[0]
    } finally {
        $null = Stop-TestPipeline $watch
    }
}

# A policy on a group of its own, which is gone again; nothing where none can be made.
function Get-PolicySample {
    if ($IsLinux -and (id -u) -eq 0 -and (Get-TestGroupRoot)) {
        $group = New-TestGroup
        try {
            New-TcpKeepAlivePolicy "emitted-$PID" -ControlGroup $group -IdleTime 30 -ErrorAction Ignore
        } finally {
            Remove-TestPolicy "emitted-$PID"
            Remove-TestGroup $group
        }
    }
}

# The names of the types that cmdlets say they emit, and of those that are found inside of them.
function Get-EmittedTypeName {
    $declared = foreach ($type in (Get-Command -Module NetKeepAlive).OutputType.Type) {
        if ($type.Namespace -like 'NetKeepAlive*') { $type.FullName }
    }
    @($declared) + 'NetKeepAlive.ConnectionAttempt' + 'NetKeepAlive.PeerCredential' | Sort-Object -Unique
}

# A type's name to the objects of it. What cannot be had here (rights, platform) has none.
function New-EmittedObject {
    $listener = New-TcpSocketListener 0 127.0.0.1
    $pair = @{ Client = Connect-TcpSocket 127.0.0.1 $listener.LocalPort }
    $pair.Server = Receive-SocketConnection $listener -Timeout 20
    $folder = [System.IO.Directory]::CreateTempSubdirectory('nka').FullName
    $messages = @(New-UnixSocketPair)
    $messages | Set-SocketOption PassCredential $true -ErrorAction Ignore
    $datagram = New-UnixDatagramSocket "$folder/d"
    $unix = New-UnixSocketListener "$folder/u"
    $udp = [System.Net.Sockets.UdpClient]::new([System.Net.IPEndPoint]::new([ipaddress]::Loopback, 0))
    $listeners = (New-TcpSocketListener 0 127.0.0.1), (New-TcpSocketListener 0 127.0.0.1)
    $job = Start-SocketServer -Listener $listeners -ScriptBlock { param($socket) $socket | Receive-SocketData }
    $served = foreach ($one in $listeners) { Connect-TcpSocket 127.0.0.1 $one.LocalPort }
    Wait-Until { $job.ConnectionCount -eq 2 } 'both to be served'
    $samples = [ordered]@{}
    foreach ($name in Get-EmittedTypeName) {
        $samples[$name] = @(if ($recipes[$name]) { & $recipes[$name] })
    }
    [pscustomobject]@{
        Samples = $samples
        Owned   = @($listener, $pair.Client, $pair.Server, $messages, $datagram, $unix, $served)
        Job     = $job
        Udp     = $udp
        Folder  = $folder
    }
}

function Remove-EmittedObject($Emitted) {
    $Emitted.Owned | ForEach-Object { $_ } | Close-Socket
    $Emitted.Job | Stop-Job -PassThru | Remove-Job -Force
    $Emitted.Udp.Dispose()
    Remove-Item $Emitted.Folder -Recurse -Force
}

# Has a recipe been written for the type?
function Test-EmittedRecipe([string]$Name) {
    $recipes.ContainsKey($Name)
}

Export-ModuleMember -Function *-Emitted*

# The parameters of every cmdlet, what is positional, what is the default and what the pipeline feeds: what scripts rely on.
BeforeDiscovery {
    $cmdlets = @(
        @{ Name = 'Get-TcpKeepAlive'; Position = , 'InputObject'; Pipeline = 'InputObject'; Parameter = 'ProcessId', 'FileDescriptor', 'SystemDefault' }
        @{ Name = 'Set-TcpKeepAlive'; Position = , 'InputObject'; Pipeline = , 'InputObject'; Parameter = 'ProcessId', 'FileDescriptor', 'SystemDefault', 'Disable', 'PassThru', 'IdleTime', 'Interval', 'ProbeCount', 'UserTimeout', 'DetectWithin' }
        @{ Name = 'Test-TcpKeepAlive'; Position = 'InputObject', 'HostName', 'Port'; Pipeline = 'InputObject'; Parameter = 'IdleTime', 'Interval', 'ProbeCount', 'Timeout', 'Quiet' }
        @{ Name = 'Get-TcpConnection'; Position = 'LocalAddress', 'LocalPort', 'RemoteAddress', 'RemotePort'; Pipeline = 'LocalAddress', 'LocalPort', 'RemoteAddress', 'RemotePort', 'OwningProcess', 'NetworkNamespace'; Parameter = 'State', 'KeepAlive', 'IdleTimeOver', 'ExcludeLoopback', 'ProcessName' }
        @{ Name = 'New-TcpKeepAlivePolicy'; Position = , 'Name'; Parameter = 'IdleTime', 'Interval', 'ProbeCount', 'UserTimeout', 'DetectWithin', 'ControlGroup', 'ProcessId', 'Unit', 'Direction', 'LocalPort', 'RemotePort', 'RemoteAddress', 'Override', 'IncludeExisting', 'Persist' }
        @{ Name = 'Get-TcpKeepAlivePolicy'; Position = , 'Name'; Pipeline = 'Name' }
        @{ Name = 'Set-TcpKeepAlivePolicy'; Position = 'InputObject', 'Name'; Pipeline = 'InputObject', 'Name'; Parameter = 'IdleTime', 'Interval', 'ProbeCount', 'UserTimeout', 'DetectWithin', 'PassThru' }
        @{ Name = 'Remove-TcpKeepAlivePolicy'; Position = 'InputObject', 'Name'; Pipeline = 'InputObject', 'Name' }
        @{ Name = 'Stop-TcpConnection'; Position = , 'InputObject'; Pipeline = , 'InputObject'; Parameter = , 'Force' }
        @{ Name = 'Get-UdpEndpoint'; Position = 'LocalAddress', 'LocalPort'; Pipeline = 'LocalAddress', 'LocalPort', 'OwningProcess', 'NetworkNamespace'; Parameter = 'RemoteAddress', 'RemotePort', 'ExcludeLoopback', 'ProcessName' }
        @{ Name = 'Get-UnixSocket'; Position = , 'Path'; Pipeline = 'Path', 'AbstractName', 'Inode', 'InputObject', 'Process', 'OwningProcess', 'NetworkNamespace'; Parameter = 'SocketType', 'State', 'ProcessName' }
        @{ Name = 'Wait-TcpConnection'; Position = 'LocalAddress', 'LocalPort', 'RemoteAddress', 'RemotePort'; Pipeline = 'LocalAddress', 'LocalPort', 'RemoteAddress', 'RemotePort', 'OwningProcess', 'NetworkNamespace'; Parameter = 'Count', 'Gone', 'Timeout', 'Quiet', 'State', 'KeepAlive', 'IdleTimeOver', 'ExcludeLoopback', 'ProcessName' }
        @{ Name = 'Watch-TcpConnection'; Position = 'LocalAddress', 'LocalPort', 'RemoteAddress', 'RemotePort'; Pipeline = 'LocalAddress', 'LocalPort', 'RemoteAddress', 'RemotePort', 'OwningProcess', 'NetworkNamespace'; Parameter = 'Interval', 'Timeout', 'State', 'KeepAlive', 'IdleTimeOver', 'ExcludeLoopback', 'ProcessName' }
        @{ Name = 'Get-TcpInfo'; Position = , 'InputObject'; Pipeline = 'InputObject' }
        @{ Name = 'New-UnixDatagramSocket'; Position = , 'Path'; Parameter = 'AbstractName', 'ConnectTo', 'Mode', 'Force', 'PassCredential', 'ReceiveBufferSize', 'SendBufferSize' }
        @{ Name = 'New-SeqpacketListener'; Position = , 'Path'; Parameter = 'AbstractName', 'Backlog', 'MaxConnection', 'Mode', 'ReadableAll', 'WritableAll', 'Force', 'PassCredential' }
        @{ Name = 'Connect-SeqpacketSocket'; Position = , 'Path'; Parameter = 'AbstractName', 'LocalPath', 'Timeout', 'PassCredential' }
        @{ Name = 'New-UnixSocketPair'; Position = , 'SocketType' }
        @{ Name = 'Connect-TcpSocket'; Position = 'HostName', 'Port'; Pipeline = @(); Parameter = 'AddressFamily', 'LocalAddress', 'LocalPort', 'Timeout', 'AttemptTimeout', 'IdleTimeout', 'NoDelay', 'AllowHalfOpen', 'BlockList', 'IdleTime', 'Interval', 'ProbeCount', 'UserTimeout', 'DetectWithin' }
        @{ Name = 'Connect-UnixSocket'; Position = , 'Path'; Parameter = 'AbstractName', 'Timeout', 'AllowHalfOpen' }
        @{ Name = 'New-TcpSocketListener'; Position = 'Port', 'Address'; Pipeline = @(); Parameter = 'Backlog', 'IPv6Only', 'MaxConnection', 'RetryCount', 'RetryInterval', 'NoDelay', 'AllowHalfOpen', 'BlockList', 'IdleTime', 'Interval', 'ProbeCount', 'UserTimeout', 'DetectWithin' }
        @{ Name = 'New-ReuseportListener'; Position = 'Port', 'Address'; Pipeline = @(); Parameter = 'Count', 'Steering', 'Backlog', 'IPv6Only', 'MaxConnection', 'RetryCount', 'RetryInterval', 'NoDelay', 'AllowHalfOpen', 'BlockList', 'IdleTime', 'Interval', 'ProbeCount', 'UserTimeout', 'DetectWithin' }
        @{ Name = 'New-UnixSocketListener'; Position = , 'Path'; Parameter = 'AbstractName', 'Backlog', 'MaxConnection', 'Mode', 'ReadableAll', 'WritableAll', 'Force', 'PassCredential', 'AllowHalfOpen' }
        @{ Name = 'Receive-SocketConnection'; Position = , 'Listener'; Pipeline = 'Listener'; Parameter = 'Count', 'Timeout' }
        @{ Name = 'Start-SocketServer'; Position = 'Listener', 'ScriptBlock'; Pipeline = 'Listener'; Parameter = 'ArgumentList', 'ThrottleLimit', 'IdleTimeout', 'Isolated', 'Name' }
        @{ Name = 'Protect-Socket'; Position = , 'InputObject'; Pipeline = 'InputObject'; Parameter = 'TargetHost', 'SkipCertificateCheck', 'ClientCertificate', 'AsServer', 'Certificate', 'SslProtocol', 'ApplicationProtocol', 'Timeout' }
        @{ Name = 'Send-SocketData'; Position = 'InputObject', 'Socket'; Pipeline = 'InputObject'; Parameter = 'Path', 'LiteralPath', 'To', 'ToAbstractName', 'Encoding', 'Offset', 'Count', 'Timeout', 'PassThru' }
        @{ Name = 'Receive-SocketData'; Position = , 'Socket'; Pipeline = 'Socket'; Parameter = 'Count', 'ToEnd', 'Timeout', 'MaximumLength', 'Encoding', 'Line', 'Delimiter', 'ByteCount' }
        @{ Name = 'Send-SocketHandle'; Position = 'Socket', 'InputObject'; Pipeline = , 'InputObject'; Parameter = 'Message', 'To', 'ToAbstractName', 'Timeout' }
        @{ Name = 'Receive-SocketHandle'; Position = , 'Socket'; Pipeline = 'Socket'; Parameter = 'Count', 'Timeout' }
        @{ Name = 'Import-SocketHandle'; Position = @(); Pipeline = @(); Parameter = 'FileDescriptor', 'ProcessId', 'Activation', 'Backlog' }
        @{ Name = 'Disconnect-Socket'; Position = , 'InputObject'; Pipeline = 'InputObject'; Parameter = , 'Direction' }
        @{ Name = 'Close-Socket'; Position = , 'InputObject'; Pipeline = , 'InputObject'; Parameter = 'Reset', 'Drain' }
        @{ Name = 'Suspend-Socket'; Position = , 'InputObject'; Pipeline = 'InputObject'; Parameter = , 'Duration' }
        @{ Name = 'Resume-Socket'; Position = , 'InputObject'; Pipeline = 'InputObject' }
        @{ Name = 'Get-SocketOption'; Position = 'Name', 'InputObject'; Pipeline = 'InputObject'; Parameter = , 'ListAvailable' }
        @{ Name = 'Set-SocketOption'; Position = 'Name', 'Value', 'InputObject'; Pipeline = 'InputObject'; Parameter = 'NoDelay', 'Linger', 'ReceiveBufferSize', 'SendBufferSize', 'IdleTimeout', 'Level', 'Option', 'PassThru' }
        @{ Name = 'New-SocketBlockList'; Position = @(); Parameter = 'Address', 'Range', 'Subnet' }
        @{ Name = 'Add-SocketBlockListRule'; Position = , 'BlockList'; Pipeline = 'BlockList', 'Address'; Parameter = 'Range', 'Subnet', 'PassThru' }
        @{ Name = 'Test-SocketBlockList'; Position = 'BlockList', 'Address'; Pipeline = 'Address' }
        @{ Name = 'Test-IPLiteral'; Position = , 'Address'; Pipeline = 'Address'; Parameter = , 'Version' }
    )
    $defaults = @(
        @{ Cmdlet = 'Test-TcpKeepAlive'; Parameter = 'IdleTime'; Default = '00:00:01' }
        @{ Cmdlet = 'Test-TcpKeepAlive'; Parameter = 'Interval'; Default = '00:00:01' }
        @{ Cmdlet = 'Test-TcpKeepAlive'; Parameter = 'ProbeCount'; Default = 3 }
        @{ Cmdlet = 'New-UnixDatagramSocket'; Parameter = 'Mode'; Default = '0600' }
        @{ Cmdlet = 'New-SeqpacketListener'; Parameter = 'Backlog'; Default = 511 }
        @{ Cmdlet = 'New-SeqpacketListener'; Parameter = 'Mode'; Default = '0600' }
        @{ Cmdlet = 'New-UnixSocketListener'; Parameter = 'Backlog'; Default = 511 }
        @{ Cmdlet = 'New-UnixSocketPair'; Parameter = 'SocketType'; Default = 'Seqpacket' }
        @{ Cmdlet = 'Connect-TcpSocket'; Parameter = 'HostName'; Default = 'localhost' }
        @{ Cmdlet = 'Connect-TcpSocket'; Parameter = 'AddressFamily'; Default = $null }
        @{ Cmdlet = 'Connect-TcpSocket'; Parameter = 'AttemptTimeout'; Default = '00:00:00.2500000' }
        @{ Cmdlet = 'New-TcpSocketListener'; Parameter = 'Port'; Default = 0 }
        @{ Cmdlet = 'New-TcpSocketListener'; Parameter = 'Backlog'; Default = 511 }
        @{ Cmdlet = 'New-TcpSocketListener'; Parameter = 'RetryCount'; Default = 0 }
        @{ Cmdlet = 'New-TcpSocketListener'; Parameter = 'RetryInterval'; Default = '00:00:01' }
        @{ Cmdlet = 'New-ReuseportListener'; Parameter = 'Count'; Default = 1 }
        @{ Cmdlet = 'New-ReuseportListener'; Parameter = 'Steering'; Default = 'None' }
        @{ Cmdlet = 'Receive-SocketConnection'; Parameter = 'Count'; Default = 1 }
        @{ Cmdlet = 'Start-SocketServer'; Parameter = 'ThrottleLimit'; Default = 16 }
        @{ Cmdlet = 'Receive-SocketData'; Parameter = 'Count'; Default = 1 }
        @{ Cmdlet = 'Disconnect-Socket'; Parameter = 'Direction'; Default = 'Send' }
    )
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
}

Describe '<Name>' -ForEach $cmdlets {
    BeforeAll {
        $own = (Get-Command $Name).Parameters.Values | Where-Object Name -NotIn $common
        $sets = foreach ($one in $own) {
            foreach ($set in $one.ParameterSets.Values) {
                [pscustomobject]@{
                    Name     = $one.Name
                    Position = $set.Position
                    Pipeline = $set.ValueFromPipeline -or $set.ValueFromPipelineByPropertyName
                }
            }
        }
    }

    It 'has these parameters and no others' {
        $expected = @($Position) + @($Pipeline) + @($Parameter) | Where-Object { $_ } | Sort-Object -Unique
        $own.Name | Sort-Object | Should -Be $expected
    }

    It 'has these positional parameters and no others' {
        ($sets | Where-Object Position -GE 0).Name | Sort-Object -Unique | Should -Be ($Position | Sort-Object)
    }

    It 'takes these by pipeline and no others' {
        ($sets | Where-Object Pipeline).Name | Sort-Object -Unique | Should -Be (@($Pipeline) | Where-Object { $_ } | Sort-Object)
    }
}

Describe 'The default' {
    It 'of <Cmdlet> -<Parameter> is <Default>' -ForEach $defaults {
        $instance = (Get-Command $Cmdlet).ImplementingType::new()
        "$($instance.$Parameter)" | Should -Be "$Default"
    }

    It 'of an encoding is UTF-8 without a mark' -ForEach 'Send-SocketData', 'Receive-SocketData' {
        (Get-Command $_).ImplementingType::new().Encoding.WebName | Should -Be 'utf-8'
    }
}

Describe 'All cmdlets' {
    It 'have -Socket, -Listener and -InputObject as one, but where -InputObject is what is sent' {
        $holders = 'Socket', 'Listener', 'InputObject'
        foreach ($command in Get-Command -Module NetKeepAlive | Where-Object { $_.Noun -notlike '*Policy' }) {
            $own = $command.Parameters.Values | Where-Object Name -In $holders
            if ($command.Name -in 'Send-SocketData', 'Send-SocketHandle') {
                $own.Aliases | Should -BeNullOrEmpty
            } elseif ($own) {
                @($own.Name) + $own.Aliases | Sort-Object | Should -Be ($holders | Sort-Object) -Because $command.Name
            }
        }
    }

    It 'are named by the error of what is unfit: <Command>' -ForEach @(
        @{ Command = { New-UnixSocketListener env:x }; Parameter = 'Path' }
        @{ Command = { New-UnixSocketListener nosuch:/x }; Parameter = 'Path' }
        @{ Command = { New-UnixSocketListener "a`0b" }; Parameter = 'Path' }
        @{ Command = { New-UnixSocketListener ('x' * 200) }; Parameter = 'Path' }
        @{ Command = { New-UnixSocketListener '@' }; Parameter = 'Path'; Words = '*abstract name*' }
        @{ Command = { Send-SocketData $socket x -To '@' }; Parameter = 'To'; Words = '*abstract name*' }
        @{ Command = { New-SeqpacketListener -AbstractName ('x' * 200) }; Parameter = 'AbstractName'; OnLinux = $true }
        @{ Command = { Connect-UnixSocket env:x }; Parameter = 'Path' }
        @{ Command = { Connect-SeqpacketSocket ./none -LocalPath env:x }; Parameter = 'LocalPath'; OnLinux = $true }
        @{ Command = { New-UnixDatagramSocket env:x }; Parameter = 'Path' }
        @{ Command = { New-UnixDatagramSocket -ConnectTo env:x }; Parameter = 'ConnectTo' }
        @{ Command = { New-UnixDatagramSocket -ConnectTo ('@' + 'x' * 200) }; Parameter = 'ConnectTo'; OnLinux = $true }
        @{ Command = { Get-UnixSocket -Path env:x }; Parameter = 'Path'; OnLinux = $true }
        @{ Command = { Send-SocketData $socket x -To env:x }; Parameter = 'To' }
        @{ Command = { Send-SocketData $socket x -ToAbstractName ('x' * 200) }; Parameter = 'ToAbstractName'; OnLinux = $true }
        @{ Command = { Send-SocketData $socket -Path env:PATH }; Parameter = 'Path' }
        @{ Command = { Send-SocketData $socket -LiteralPath env:PATH }; Parameter = 'LiteralPath' }
        @{ Command = { Send-SocketHandle $socket $socket -To env:x }; Parameter = 'To' }
        @{ Command = { Get-SocketOption $socket Nonsense }; Parameter = 'Name' }
        @{ Command = { Set-SocketOption $socket Nonsense 1 }; Parameter = 'Name' }
        @{ Command = { Set-SocketOption $socket Error 1 }; Parameter = 'Name' }
        @{ Command = { Set-SocketOption $socket NoDelay maybe }; Parameter = 'Value' }
        @{ Command = { Set-SocketOption $socket SendBufferSize many }; Parameter = 'Value' }
        @{ Command = { Set-SocketOption $socket SendBufferSize -1 }; Parameter = 'Value'; Words = '*1 to 2147483647*' }
        @{ Command = { Set-SocketOption $socket ReceiveBufferSize 0 }; Parameter = 'Value'; Words = '*1 to 2147483647*' }
        @{ Command = { Set-SocketOption $socket -Level Socket -Option 9 -Value $null }; Parameter = 'Value'; Words = '*null*' }
        @{ Command = { Set-SocketOption $socket ReceiveTimeout soon }; Parameter = 'Value' }
        @{ Command = { Set-SocketOption $socket IdleTimeout soon }; Parameter = 'Value' }
        @{ Command = { Set-SocketOption $socket IdleTimeout 1e9 }; Parameter = 'Value'; Words = '*0 s to 49 d*' }
        @{ Command = { Set-SocketOption $socket UserTimeout 1e9 }; Parameter = 'Value'; Words = '*0 s to *'; OnLinux = $true }
    ) {
        if ($OnLinux -and -not $IsLinux) {
            Set-ItResult -Skipped -Because 'it is for Linux'
        }
        $socket = New-UnixDatagramSocket
        try {
            $ErrorActionPreference = 'Stop'
            $Command | Should -Throw "-${Parameter}: $($Words ?? '*')"
        } finally {
            Close-Socket $socket
        }
    }

    It 'take no empty list for a filter, and no null and no empty text that are named' -Skip:(-not $IsLinux) {
        $base = [NetKeepAlive.PowerShell.Commands.SocketListCmdlet]
        $filters = foreach ($command in Get-Command -Module NetKeepAlive) {
            if ($command.ImplementingType.IsSubclassOf($base) -or $command.Noun -like '*Policy') {
                foreach ($parameter in $command.Parameters.Values) {
                    if ($parameter.ParameterType.IsArray -and $parameter.Name -ne 'InputObject') {
                        [pscustomobject]@{ Command = $command.Name; Parameter = $parameter.Name }
                    }
                }
            }
        }
        $filters.Count | Should -BeGreaterThan 30
        $values = @(, @()), @(, [System.Collections.Generic.List[string]]::new()), @(, @{}.Keys), @($null), @(''), @(, @('')), @(, @($null)), @(, @('', '1'))
        foreach ($filter in $filters) {
            foreach ($value in $values) {
                $arguments = @{ $filter.Parameter = $value[0] }
                if ((Get-Command $filter.Command).Parameters.ContainsKey('Timeout')) {
                    $arguments.Timeout = 0
                }
                if ((Get-Command $filter.Command).Parameters.ContainsKey('IdleTime')) {
                    $arguments.IdleTime = 60
                }
                if ((Get-Command $filter.Command).Parameters.ContainsKey('WhatIf')) {
                    $arguments.WhatIf = $true
                }
                { & $filter.Command @arguments -ErrorAction Stop } |
                    Should -Throw "*$($filter.Parameter)*" -Because "$($filter.Command) -$($filter.Parameter) of $($value | ConvertTo-Json -Compress)"
            }
        }
    }

    It 'are in this table' -ForEach @{ Known = $cmdlets.Name } {
        (Get-Command -Module NetKeepAlive).Name | Sort-Object | Should -Be ($Known | Sort-Object)
    }
}

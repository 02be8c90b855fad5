# What all emitted objects promise: they bind to nothing that they are not meant for, and they are data.
BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
    Import-Module (Join-Path $PSScriptRoot 'EmittedObject.psm1') -Force
    $typeNames = Get-EmittedTypeName | ForEach-Object { @{ TypeName = $_ } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
    Import-Module (Join-Path $PSScriptRoot 'EmittedObject.psm1') -Force
    # A stock session: every module that comes with PowerShell.
    foreach ($folder in Get-ChildItem "$PSHOME/Modules" -Directory) {
        Import-Module $folder.Name -Global -ErrorAction Ignore
    }
    $stock = [System.IO.Path]::GetFullPath("$PSHOME")
    $commands = Get-Command -CommandType Cmdlet, Function | Where-Object {
        $_.ModuleName -eq 'NetKeepAlive' -or ($_.ModuleName -and (Get-Module $_.ModuleName).ModuleBase -like "$stock*") -or $_.ModuleName -like 'Microsoft.PowerShell.*'
    }
    # The parameters that take a property of a piped object, by each of their names.
    $byName = @{}
    foreach ($command in $commands) {
        foreach ($parameter in @($command.Parameters.Values)) {
            if ($parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.ParameterAttribute] -and $_.ValueFromPipelineByPropertyName }) {
                foreach ($name in @($parameter.Name) + @($parameter.Aliases)) {
                    $byName[$name] += @([pscustomobject]@{ Command = $command.Name; Parameter = $parameter; Name = $name })
                }
            }
        }
    }
    # Asks PowerShell itself: would this object bind to a parameter of that type and those names?
    function Test-Binding($Object, $Parameter) {
        $alias = if ($Parameter.Aliases) { "[Alias('$($Parameter.Aliases -join "','")')]" }
        $probe = [scriptblock]::Create("[CmdletBinding()] param([Parameter(ValueFromPipelineByPropertyName)] $alias [$($Parameter.ParameterType.FullName)] `$$($Parameter.Name)) process { `$PSBoundParameters.Count }")
        (, $Object | & $probe -ErrorAction SilentlyContinue) -gt 0
    }
    # What is meant: how a row is found again, an option or a job by its own name, who sent a message.
    $endpoint = 'LocalAddress', 'LocalPort', 'RemoteAddress', 'RemotePort', 'OwningProcess', 'NetworkNamespace', 'LocalPath', 'AbstractName', 'ProcessName', 'FileDescriptor'
    $tables = 'Get-TcpConnection', 'Wait-TcpConnection', 'Watch-TcpConnection', 'Get-UdpEndpoint', 'Get-UnixSocket', 'Get-TcpKeepAlive', 'Set-TcpKeepAlive', 'New-TcpKeepAlivePolicy'
    function Test-Meant([string]$TypeName, [string]$Property, [string]$Command) {
        ($Property -in $endpoint -and $Command -in $tables) -or
        ($Property -eq 'RemoteAddress' -and $Command -eq 'Test-SocketBlockList') -or
        ($Property -eq 'Address' -and $Command -eq 'Test-SocketBlockList') -or
        ($Property -eq 'PolicyName' -and $Command -like '*-TcpKeepAlivePolicy') -or
        ($TypeName -like '*.SocketOption*' -and $Property -in 'Name', 'Value') -or
        ($TypeName -like '*Job' -and $Command -like '*-Job') -or
        ($TypeName -like '*Job' -and $Property -in 'Name', 'Id', 'Location', 'Command', 'InstanceId') -or
        ($TypeName -like '*.SocketOption*' -and $Property -eq 'Type' -and $Command -in 'New-Item', 'New-ItemProperty') -or
        ($Property -eq 'Inode' -and $Command -eq 'Get-UnixSocket') -or
        # Without -From, -To and -Subject it does nothing.
        ($Property -in 'Encoding', 'Port' -and $Command -eq 'Send-MailMessage') -or
        # The contract's name; null unless somebody asked for credentials.
        ($TypeName -eq 'NetKeepAlive.SocketMessage' -and $Property -eq 'Credential')
    }
    # The module's own properties: what PowerShell's jobs have besides is PowerShell's.
    function Get-OwnProperty($Object) {
        $Object.PSObject.Properties | Where-Object {
            $declared = $Object.GetType().GetProperty($_.Name)
            -not $declared -or $declared.DeclaringType.Namespace -like 'NetKeepAlive*'
        }
    }
    $emitted = New-EmittedObject
}

AfterAll {
    Remove-EmittedObject $emitted
}

Describe 'What is emitted: <TypeName>' -ForEach $typeNames {
    BeforeEach {
        $objects = @($emitted.Samples[$TypeName])
        if (-not $objects) {
            Set-ItResult -Skipped -Because 'it takes rights or a system that this machine has not'
        }
    }

    It 'is known to this test' {
        Test-EmittedRecipe $TypeName | Should -BeTrue -Because 'EmittedObject.psm1 makes one of each type'
    }

    It 'binds by name only where it is meant to' {
        foreach ($object in $objects) {
            foreach ($property in $object.PSObject.Properties.Name) {
                foreach ($candidate in $byName[$property]) {
                    if (-not (Test-Meant $TypeName $property $candidate.Command)) {
                        Test-Binding $object $candidate.Parameter | Should -BeFalse -Because "$property would be -$($candidate.Parameter.Name) of $($candidate.Command)"
                    }
                }
            }
        }
    }

    It 'is no path as text' {
        foreach ($object in $objects) {
            if ($object -isnot [NetKeepAlive.SocketMessage]) {
                "$object" | Should -Not -Match '^([/~.]|[A-Za-z]:[/\\])'
                Test-Path -LiteralPath "$object" | Should -BeFalse
            }
        }
    }

    It 'is small as JSON, at any depth' {
        foreach ($object in $objects) {
            foreach ($depth in 1, 2, 4, 10) {
                $json = ConvertTo-Json -InputObject $object -Depth $depth -WarningAction Ignore -Compress
                $json.Length | Should -BeLessOrEqual 8KB -Because "depth $depth"
                $json | Test-Json | Should -BeTrue
            }
        }
    }

    It 'has lists whose items are had by their numbers' {
        foreach ($object in $objects) {
            foreach ($property in Get-OwnProperty $object) {
                $list = $property.Value
                if ($list -is [System.Collections.IEnumerable] -and $list -isnot [string]) {
                    $items = @($list)
                    for ($i = 0; $i -lt $items.Count; $i++) {
                        [object]::Equals($list[$i], $items[$i]) | Should -BeTrue -Because "$($property.Name)[$i]"
                        [object]::Equals($list[$i - $items.Count], $items[$i]) | Should -BeTrue -Because "$($property.Name)[$($i - $items.Count)]"
                    }
                }
            }
        }
    }

    It 'keeps its values as CSV' {
        foreach ($object in $objects) {
            $back = $object | ConvertTo-Csv | ConvertFrom-Csv
            foreach ($property in Get-OwnProperty $object) {
                $text = try { "$($property.Value)" } catch { '' }
                if ($property.Value -is [ValueType] -or $property.Value -is [string]) {
                    $back.($property.Name) | Should -Be $text -Because $property.Name
                } elseif ($null -ne $property.Value -and $property.Value -isnot [byte[]] -and $property.Value -isnot [System.Text.Encoding]) {
                    if ($property.Value -isnot [System.Collections.IEnumerable] -or @($property.Value)) {
                        $back.($property.Name) | Should -Not -BeNullOrEmpty -Because $property.Name
                    }
                    $back.($property.Name) | Should -Not -Match '^(NetKeepAlive|System)\.' -Because "$($property.Name) is to be words"
                }
            }
        }
    }

    It 'keeps its values as CLIXML, and its view' {
        foreach ($object in $objects) {
            $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($object))
            $back.PSObject.TypeNames[0] | Should -BeLike 'Deserialized.*'
            # PowerShell says itself what it keeps of a job.
            foreach ($property in $object.PSObject.Properties | Where-Object { $object -isnot [System.Management.Automation.Job] }) {
                if ($property.Value -is [string] -or $property.Value -is [int] -or $property.Value -is [long] -or $property.Value -is [bool] -or $property.Value -is [timespan] -or $property.Value -is [datetime]) {
                    $back.($property.Name) | Should -Be $property.Value -Because $property.Name
                } elseif ($property.Value -is [enum] -and $property.Value.GetType().Namespace -eq 'NetKeepAlive') {
                    "$($back.($property.Name))" | Should -Be "$($property.Value)" -Because $property.Name
                }
            }
            $there = $back | Out-String -Width 200
            $there | Should -Be ($object | Out-String -Width 200) -Because 'it comes back from Invoke-Command like this'
        }
    }
}

Describe 'Keep-alive settings in words' {
    It 'are those of the table, also in a list, in CSV and in a selection' {
        # A client's port may be that of another client of another server too.
        $ports = @{ LocalPort = $emitted.Owned[1].LocalPort; RemotePort = $emitted.Owned[0].LocalPort }
        $row = Get-TcpConnection @ports -KeepAlive
        $row.KeepAlive | Should -Not -BeNullOrEmpty
        "$($row.KeepAlive)" | Should -Be 'off'
        $emitted.Owned[1] | Set-TcpKeepAlive -IdleTime 30 -Interval 75 -ProbeCount 9
        $row = Get-TcpConnection @ports -KeepAlive
        "$($row.KeepAlive)" | Should -Be '30 s + 9 x 75 s'
        ($row | ConvertTo-Csv | ConvertFrom-Csv).KeepAlive | Should -Be '30 s + 9 x 75 s'
        ($row | Select-Object KeepAlive | Format-List | Out-String) | Should -Match 'KeepAlive : 30 s \+ 9 x 75 s'
        ($row | Format-List | Out-String -Width 200) | Should -Match '(?m)^KeepAlive +: 30 s \+ 9 x 75 s'
    }
}

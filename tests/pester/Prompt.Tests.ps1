# What a user meets at the prompt, for every cmdlet: null, Tab, and views that fit the terminal.
BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
    Import-Module (Join-Path $PSScriptRoot 'EmittedObject.psm1') -Force
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
    $parameters = foreach ($command in Get-Command -Module NetKeepAlive) {
        foreach ($parameter in $command.Parameters.Values | Where-Object { $_.Name -notin $common -and $_.ParameterType -ne [switch] }) {
            @{ Command = $command.Name; Name = $parameter.Name; Parameter = $parameter }
        }
    }
    # Those that take null have nothing to do then.
    $named = $parameters | Where-Object { -not ($_.Parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.AllowNullAttribute] }) }
    $words = 'LocalAddress', 'RemoteAddress', 'OwningProcess', 'ProcessName', 'NetworkNamespace', 'Encoding', 'Mode', 'SslProtocol', 'ProcessId'
    $listed = $parameters | Where-Object {
        $type = $_.Parameter.ParameterType
        $type = if ($type.IsArray) { $type.GetElementType() } else { $type }
        $type = [Nullable]::GetUnderlyingType($type) ?? $type
        $type -eq [timespan] -or $type.IsEnum -or $_.Name -in $words -or ($_.Command -like '*-TcpConnection' -and $_.Name -like '*Port') -or ($_.Command -in 'Connect-TcpSocket', 'Test-TcpKeepAlive' -and $_.Name -eq 'Port')
    }
    $typeNames = Get-EmittedTypeName | ForEach-Object { @{ TypeName = $_ } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
    Import-Module (Join-Path $PSScriptRoot 'EmittedObject.psm1') -Force
    $emitted = New-EmittedObject
}

AfterAll {
    Remove-EmittedObject $emitted
}

Describe 'null' {
    It 'is an error for <Command> -<Name>' -ForEach $named {
        if ($Parameter.ParameterSets.Values.ValueFromPipelineByPropertyName -contains $true) {
            # A row that is piped in may lack the value; named, it is an error of the command itself.
            $arguments = @{ $Parameter.Name = $null }
            { & $Command @arguments } | Should -Throw
            return
        }
        # As PowerShell binds an argument: transformations, the type, then validations. A mandatory one it refuses itself.
        $bind = {
            $value = $null
            foreach ($attribute in $Parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.ArgumentTransformationAttribute] }) {
                $value = $attribute.Transform($null, $value)
            }
            $value = [System.Management.Automation.LanguagePrimitives]::ConvertTo($value, $Parameter.ParameterType)
            foreach ($attribute in $Parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.ValidateArgumentsAttribute] }) {
                $validate = $attribute.GetType().GetMethod('Validate', [System.Reflection.BindingFlags]'NonPublic, Instance', $null, [type[]]@([object], [System.Management.Automation.EngineIntrinsics]), $null)
                $null = $validate.Invoke($attribute, @($value, $null))
            }
            if (($Parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.ParameterAttribute] }).Mandatory -contains $true) {
                throw 'mandatory'
            }
        }
        $bind | Should -Throw
    }

    It 'does not list everything, nor let everybody in, nor choose a port' {
        { Get-TcpConnection -LocalPort $null } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
        { New-TcpSocketListener -BlockList $null } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
        { New-TcpSocketListener -Port $null } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
    }
}

Describe 'Tab' {
    It 'completes <Command> -<Name>' -ForEach $listed {
        $text = "$Command -$Name "
        $found = [System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches
        $found | Where-Object ResultType -EQ ParameterValue | Should -Not -BeNullOrEmpty
    }
}

Describe 'The longest address' {
    It 'is whole in the view of <Type>, at 80 columns too' -ForEach 'SocketListener', 'StreamSocket', 'ConnectionAttempt' {
        $address = '2001:db8:1234:5678:9abc:def0:1234:5678'
        $shown = [pscustomobject]@{
            PSTypeName = "NetKeepAlive.$Type"; Address = $address; Port = 65535; LocalAddress = $address; LocalPort = 65535
            RemoteAddress = $address; RemotePort = 65535; Message = ''
        }
        foreach ($width in 80, 120) {
            $shown | Out-String -Width $width | Should -Not -Match "`u{2026}"
        }
    }
}

Describe 'The view of <TypeName>' -ForEach $typeNames {
    BeforeDiscovery {
        $widths = 80, 120, 200
    }
    BeforeEach {
        $objects = @($emitted.Samples[$TypeName])
        if (-not $objects) {
            Set-ItResult -Skipped -Because 'it takes rights or a system that this machine has not'
        }
    }

    It 'fits into <_> columns and says whose it is' -ForEach $widths {
        foreach ($object in $objects) {
            $text = $object | Out-String -Width $_
            foreach ($line in $text -split "`n") {
                $line.Length | Should -BeLessOrEqual $_
            }
            # A column for which there is no room is left out, instead of running down letter by letter.
            $text -split "`n" -match '^[-\s]+$' -match '(^|\s)-(\s|$)' | Should -BeNullOrEmpty -Because "no column of $TypeName is that narrow"
            # Whole, however it is broken into lines.
            $flat = $text -replace '\s+'
            foreach ($must in 'LocalPort', 'RemotePort') {
                if ($object.$must) {
                    $text | Should -Match "(?<!\d)$($object.$must)(?!\d)" -Because "$must is part of the address"
                }
            }
            # PowerShell's own view of jobs cuts what it likes.
            if ($object -isnot [System.Management.Automation.Job]) {
                $text | Should -Not -Match "\d`u{2026}" -Because 'an address or a number is never truncated'
            }
            if ($object -is [NetKeepAlive.TcpKeepAliveTestResult]) {
                $object.Reason -split ' ' | ForEach-Object { $text | Should -Match "\s$([regex]::Escape($_))\s" -Because 'no word is broken' }
            }
            if ($object -is [NetKeepAlive.TcpConnection]) {
                $flat | Should -Match ([regex]::Escape("$($object.LocalAddress):$($object.LocalPort)"))
                $flat | Should -Match ([regex]::Escape("$($object.RemoteAddress):$($object.RemotePort)"))
                $flat | Should -Match "\($($object.OwningProcess)\)"
                $flat | Should -Match ([regex]::Escape("$($object.KeepAlive)" -replace '\s+')) -Because 'it was asked for'
            }
        }
    }
}

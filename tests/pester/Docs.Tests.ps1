# The documents say what the code does: ids, defaults, limits, links and words.
BeforeDiscovery {
    $root = (Resolve-Path (Join-Path $PSScriptRoot '../..')).Path
    $documents = @(Get-ChildItem $root -Filter *.md) + @(Get-ChildItem "$root/docs" -Recurse -Filter *.md) |
        ForEach-Object { @{ Document = [System.IO.Path]::GetRelativePath($root, $_.FullName) } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestModule.psm1')
    Import-TestModule
    $root = (Resolve-Path (Join-Path $PSScriptRoot '../..')).Path
    $hidden = [System.Reflection.BindingFlags]'NonPublic, Public, Static, Instance'
    $core = [NetKeepAlive.NetSocket].Assembly
    $cmdlets = [NetKeepAlive.PowerShell.Commands.NetKeepAliveCmdlet].Assembly
    # The rows of the first table after a heading: each a list of cells without backquotes.
    function Get-DocTable([string]$Document, [string]$Heading) {
        $text = Get-Content (Join-Path $root $Document) -Raw
        $section = ($text -split "(?m)^#+ $([regex]::Escape($Heading))`$", 2)[1]
        $section | Should -Not -BeNullOrEmpty -Because "$Document has the heading '$Heading'"
        $table = [regex]::Match($section, '(?m)(^\|.*\n)+').Value -split "`n" | Select-Object -Skip 2 | Where-Object { $_ }
        foreach ($line in $table) {
            , @($line.Trim('|').Replace('`', '') -split '(?<!\\)\|' | ForEach-Object Trim)
        }
    }
    function Get-Word {
        $cmdlets.GetType('NetKeepAlive.PowerShell.Errors.ErrorRecords').GetFields($hidden) |
            Where-Object IsLiteral | ForEach-Object { $_.GetRawConstantValue() }
    }
}

Describe 'The list of error ids' {
    It 'has every word of the code, and no other' {
        $told = Get-DocTable docs/troubleshooting.md 'Words of this module' | ForEach-Object { $_[0] }
        Compare-Object @(Get-Word | Sort-Object) @($told | Sort-Object) | Should -BeNullOrEmpty
    }

    It 'stands in about_NetKeepAlive too' {
        $about = Get-Content "$root/docs/help/en-US/about_NetKeepAlive.help.txt" -Raw
        foreach ($word in Get-Word) {
            $about | Should -Match "(?m)^        $word\b"
        }
    }

    It 'names only errnos of the table' {
        $errnos = $core.GetType('NetKeepAlive.Interop.Errno').GetProperty('All', $hidden).GetValue($null).Name
        foreach ($row in Get-DocTable docs/troubleshooting.md 'Errno names that come up often') {
            $row[0] | Should -BeIn $errnos
        }
    }
}

Describe 'The reference' {
    It 'has every cmdlet, with its synopsis' {
        $told = Get-DocTable docs/reference.md Cmdlets
        Compare-Object @((Get-Command -Module NetKeepAlive).Name | Sort-Object) @($told | ForEach-Object { $_[0] -replace '^\[|\].*$' } | Sort-Object) | Should -BeNullOrEmpty
        foreach ($row in $told) {
            $name = $row[0] -replace '^\[|\].*$'
            $page = Get-Content "$root/docs/help/en-US/$name.md" -Raw
            $page | Should -Match ('## SYNOPSIS\s+' + [regex]::Escape($row[1])) -Because "$name"
        }
    }

    It 'has the defaults that the code has' {
        foreach ($row in Get-DocTable docs/reference.md Defaults) {
            $command, $parameter, $value = $row
            $type = (Get-Command $command).ImplementingType
            $real = $type.GetProperty($parameter).GetValue([activator]::CreateInstance($type))
            $shown = if ($real -is [timespan]) { "$($real.TotalSeconds) s" } else { $real.WebName ?? "$real" }
            $shown | Should -Be $value -Because "$command -$parameter"
        }
    }

    It 'has every default' {
        # These stand for what is left out: no limit, every address family, all of a file.
        $nothing = $null, '', '0', 'False', '00:00:00', '-1'
        $told = Get-DocTable docs/reference.md Defaults | ForEach-Object { "$($_[0]) $($_[1])" }
        $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
        foreach ($command in Get-Command -Module NetKeepAlive) {
            $made = [activator]::CreateInstance($command.ImplementingType)
            foreach ($name in $command.Parameters.Keys | Where-Object { $_ -notin $common -and $_ -ne 'ProcessId' }) {
                $real = $command.ImplementingType.GetProperty($name).GetValue($made)
                $isFirstOfEnum = $real -is [enum] -and [int]$real -eq 0
                if ("$real" -notin $nothing -and -not $isFirstOfEnum) {
                    "$command $name" | Should -BeIn $told
                }
            }
        }
    }

    It 'has the limits that the code has' {
        foreach ($row in Get-DocTable docs/reference.md Limits) {
            $command, $parameter, $least, $most = $row
            $attributes = (Get-Command $command).Parameters[$parameter].Attributes
            $range = $attributes | Where-Object { $_ -is [System.Management.Automation.ValidateRangeAttribute] -or $_.GetType().Name -eq 'DurationAttribute' } | Select-Object -First 1
            $range | Should -Not -BeNullOrEmpty -Because "$command -$parameter"
            $unit = if ($range.GetType().Name -eq 'DurationAttribute') { ' s' }
            $low, $high = if ($unit) { $range.Minimum, $range.Maximum } else { $range.MinRange, $range.MaxRange }
            "$low$unit" | Should -Be $least -Because "$command -$parameter"
            "$high$unit" | Should -Be $most -Because "$command -$parameter"
        }
    }
}

Describe '<Document>' -ForEach $documents {
    BeforeAll {
        $path = Join-Path $root $Document
        $text = Get-Content $path -Raw
    }

    It 'has links that lead somewhere' {
        foreach ($link in [regex]::Matches($text, '\]\(((?!https?:|mailto:|#)[^)\s]+)\)')) {
            $target = $link.Groups[1].Value -replace '#.*$'
            Test-Path (Join-Path (Split-Path $path) $target) | Should -BeTrue -Because "$Document links to $target"
        }
    }

    It 'names only cmdlets of this module that there are' {
        $nouns = (Get-Command -Module NetKeepAlive).Noun | Sort-Object -Unique
        foreach ($name in [regex]::Matches($text, '\b[A-Z][a-z]+-[A-Z][A-Za-z]+\b').Value | Sort-Object -Unique) {
            if (($name -split '-')[1] -in $nouns) {
                Get-Command $name -Module NetKeepAlive -ErrorAction Ignore | Should -Not -BeNullOrEmpty -Because "$Document names $name"
            }
        }
    }
}

Describe 'The words' {
    It 'are those of the field' {
        $wrong = 'in the clear', 'from birth', 'object of a descriptor', 'hands? (the|its) .{1,20} on\b', '\bknobs?\b', '\baccount\b', '\bheir\b', '\bthereof\b', '\bwhereof\b', '\btidings\b'
        $files = @(Get-ChildItem "$root/docs/help", "$root/examples", "$root/module" -Recurse -File -Include *.md, *.txt, *.ps1, *.ps1xml) +
        @(Get-ChildItem "$root/docs" -File -Filter *.md) + (Get-Item "$root/README.md", "$root/NetKeepAlive.psd1")
        foreach ($file in $files) {
            $text = Get-Content $file -Raw
            foreach ($word in $wrong) {
                $text | Should -Not -Match $word -Because $file.Name
            }
        }
        foreach ($file in Get-ChildItem "$root/src" -Recurse -Filter *.cs | Where-Object FullName -NotMatch '/(obj|bin)/') {
            $strings = Get-Content $file | Where-Object { $_ -notmatch '^\s*//' } | Select-String '"[^"]*"' -AllMatches | ForEach-Object { $_.Matches.Value }
            foreach ($word in $wrong) {
                "$strings" | Should -Not -Match $word -Because $file.Name
            }
        }
    }

    It 'of the README fit on three screens' {
        (Get-Content "$root/README.md").Count | Should -BeLessThan 120
    }
}

# docs/maintainers/checklist.md: every row is there, and what it names is there too.
BeforeAll {
    $root = Join-Path $PSScriptRoot '../..'
    $rows = foreach ($line in Get-Content (Join-Path $root 'docs/maintainers/checklist.md') | Where-Object { $_ -match '^\| [A-Z]\d' }) {
        $cells = $line.Trim('|') -split '(?<!\\)\|' | ForEach-Object Trim
        [pscustomobject]@{ Id = $cells[0]; Proofs = $cells[3] -split '<br>' }
    }
    $proofs = foreach ($row in $rows) {
        foreach ($proof in $row.Proofs) {
            $kind = switch -Regex ($proof) {
                '^([\w.-]+): `(\w+)`$' { 'Method'; break }
                '^([\w.-]+): `(.+)`$' { 'Title'; break }
                '^([\w./-]+): "(.+)"$' { 'Passage'; break }
                default { 'None' }
            }
            [pscustomobject]@{ Id = $row.Id; Kind = $kind; File = $Matches[1]; Text = $Matches[2]; Proof = "$($row.Id): $proof" }
        }
    }

    # Those of a kind for which the check of one file and the text is not true.
    function Select-Missing([string]$Kind, [scriptblock]$Check) {
        $proofs | Where-Object Kind -EQ $Kind | Group-Object File | ForEach-Object {
            $texts = & $Check $_.Name
            $_.Group | Where-Object { -not (& $texts $_.Text) } | ForEach-Object Proof
        }
    }
}

Describe 'The checklist' {
    It 'has every row once, each with a proof that can be read' {
        $rows.Id | Should -Be @(
            1..22 | ForEach-Object { "K$_" }
            1..17 | ForEach-Object { "U$_" }
            1..43 | ForEach-Object { "L$_" }
            1..59 | ForEach-Object { "C$_" }
            1..7 | ForEach-Object { "B$_" }
            'A1'
            1..3 | ForEach-Object { "I$_" }
            1..22 | ForEach-Object { "X$_" }
        )
        ($proofs | Where-Object Kind -EQ None).Proof | Should -BeNullOrEmpty
    }

    It 'names cmdlets'' tests that are there' {
        Select-Missing Title {
            param($file)
            $code = Get-Content "$PSScriptRoot/$file.Tests.ps1" -Raw
            $titles = [regex]::Matches($code, "(?m)^ *It '((?:[^']|'')+)'") | ForEach-Object { $_.Groups[1].Value -replace "''", "'" }
            { param($text) $text -cin $titles }.GetNewClosure()
        } | Should -BeNullOrEmpty
    }

    It 'names tests of the core that are there' {
        Select-Missing Method {
            param($file)
            $code = Get-ChildItem "$root/tests/NetKeepAlive.Tests" -Recurse -Filter "$file.cs" | Get-Content -Raw
            { param($text) $code -cmatch "public [\w ]*\b$text\(" }.GetNewClosure()
        } | Should -BeNullOrEmpty
    }

    It 'quotes passages that are there' {
        Select-Missing Passage {
            param($file)
            # Where the lines break does not matter.
            $words = (Get-Content (Join-Path $root ($file -like '*/*' ? $file : "docs/help/en-US/$file.help.txt")) -Raw) -replace '\s+', ' '
            { param($text) $words.Contains($text) }.GetNewClosure()
        } | Should -BeNullOrEmpty
    }
}

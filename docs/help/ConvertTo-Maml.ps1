<#
.SYNOPSIS
    Makes the file that Get-Help reads (MAML) from the cmdlets' help in platyPS markdown.
.DESCRIPTION
    Reads what the files in en-US/ use of platyPS's markdown, schema 2024-05-01, and no more: a section that it does not
    know ends it with an error that names the file.
.EXAMPLE
    ./docs/help/ConvertTo-Maml.ps1 -Path ./docs/help/en-US/*-*.md -Destination ./en-US/NetKeepAlive.PowerShell.dll-Help.xml
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string[]]$Path,

    [Parameter(Mandatory)]
    [string]$Destination
)

$ErrorActionPreference = 'Stop'

# The parts of a text under its headings of one level, in order: heading to what follows it. What comes before the first
# has the name ''. A line in a code block is no heading.
function Split-Section([string[]]$Line, [int]$Level) {
    $sections = [ordered]@{ '' = [System.Collections.Generic.List[string]]::new() }
    $name = ''
    $inCode = $false
    foreach ($text in $Line) {
        if ($text.StartsWith('```')) {
            $inCode = -not $inCode
        }
        if (-not $inCode -and $text -match "^#{$Level} (.+)`$") {
            $name = $Matches[1].Trim()
            $sections[$name] = [System.Collections.Generic.List[string]]::new()
        } else {
            $sections[$name].Add($text)
        }
    }
    $sections
}

# Lines as paragraphs: what empty lines part.
function Split-Paragraph([string[]]$Line) {
    ($Line -join "`n").Trim() -split '\n\s*\n' | Where-Object { $_ }
}

# The lines of the first code block, and those before and after it.
function Split-Code([string[]]$Line) {
    $fences = @(0..($Line.Count - 1) | Where-Object { $Line[$_].StartsWith('```') })
    if ($fences.Count -lt 2) {
        throw "a code block is missing in: $Line"
    }
    [pscustomobject]@{
        Before = @($Line | Select-Object -First $fences[0])
        Code   = @($Line[($fences[0] + 1)..($fences[1] - 1)])
        After  = @($Line | Select-Object -Skip ($fences[1] + 1))
    }
}

# "### -Name" with its description and its YAML.
function Read-Parameter([string]$Name, [string[]]$Line) {
    $parts = Split-Code $Line
    $parameter = @{ Name = $Name; Description = $parts.Before; Aliases = @(); AcceptedValues = @(); Sets = @{} }
    $list = $set = $null
    foreach ($text in $parts.Code) {
        switch -Regex ($text) {
            '^- Name: (.+)$' { $set = @{}; $parameter.Sets[$Matches[1]] = $set; break }
            '^- (.+)$' { $parameter[$list] += $Matches[1]; break }
            '^  (\w+): (.+)$' { $set[$Matches[1]] = $Matches[2]; break }
            '^(\w+):\s*$' { $list = $Matches[1]; break }
            '^(\w+): \[\]$' { break }
            '^(\w+): (.+)$' { $parameter[$Matches[1]] = $Matches[2].Trim("'"); break }
            default { throw "-$Name has a line that is not understood: $text" }
        }
    }
    $parameter
}

function ConvertTo-XmlText([string]$Text) {
    [System.Security.SecurityElement]::Escape($Text)
}

function Format-Paragraph([string[]]$Line) {
    -join (Split-Paragraph $Line | ForEach-Object { "<maml:para>$(ConvertTo-XmlText $_)</maml:para>" })
}

# One parameter as it is in one of its parameter sets.
function Format-Parameter($Parameter, $Set, [string]$Type, [string]$Description) {
    $pipeline = @(
        if ($Set.ValueFromPipeline -eq 'true') { 'ByValue' }
        if ($Set.ValueFromPipelineByPropertyName -eq 'true') { 'ByPropertyName' }
    )
    $pipelineInput = if ($pipeline) { "true ($($pipeline -join ', '))" } else { 'false' }
    $aliases = if ($Parameter.Aliases) { $Parameter.Aliases -join ', ' } else { 'none' }
    $value = if ($Parameter.Type -ne 'System.Management.Automation.SwitchParameter') {
        "<command:parameterValue required=`"true`" variableLength=`"false`">$(ConvertTo-XmlText $Type)</command:parameterValue>"
    }
    $choices = if ($Parameter.AcceptedValues) {
        $values = $Parameter.AcceptedValues |
            ForEach-Object { "<command:parameterValue required=`"false`" variableLength=`"false`">$(ConvertTo-XmlText $_)</command:parameterValue>" }
        "<command:parameterValueGroup>$(-join $values)</command:parameterValueGroup>"
    }
    @"
<command:parameter required="$($Set.IsRequired)" variableLength="false" globbing="$($Parameter.SupportsWildcards)" pipelineInput="$pipelineInput" position="$($Set.Position)" aliases="$(ConvertTo-XmlText $aliases)">
<maml:name>$($Parameter.Name)</maml:name>
<maml:description>$Description</maml:description>
$value$choices
<dev:type><maml:name>$(ConvertTo-XmlText $Type)</maml:name><maml:uri /></dev:type>
<dev:defaultValue>$(ConvertTo-XmlText $Parameter.DefaultValue)</dev:defaultValue>
</command:parameter>
"@
}

# A block of "## SYNTAX": names in their order, with their types.
function Format-SyntaxItem([string]$Command, [string]$Set, [string[]]$Line, $Parameter) {
    $text = (Split-Code $Line).Code -join ' '
    $items = foreach ($match in [regex]::Matches($text, '(?<=[\s\[])-(\w+)\]?(?: <(.+?)>(?=\]|\s|$))?')) {
        $one = $Parameter[$match.Groups[1].Value]
        if (-not $one) {
            throw "its syntax has -$($match.Groups[1].Value), which is not described"
        }
        Format-Parameter $one ($one.Sets[$Set] ?? $one.Sets['(All)']) $match.Groups[2].Value
    }
    "<command:syntaxItem><maml:name>$Command</maml:name>`n$($items -join "`n")</command:syntaxItem>"
}

# "### Type" with what it is.
function Format-Value([string]$Outer, [string]$Inner, [string[]]$Line) {
    $types = Split-Section $Line 3
    $types.Remove('')
    $values = foreach ($type in $types.Keys) {
        "<command:$Inner><dev:type><maml:name>$(ConvertTo-XmlText $type)</maml:name></dev:type><maml:description>$(Format-Paragraph $types[$type])</maml:description></command:$Inner>"
    }
    "<command:$Outer>$(-join $values)</command:$Outer>"
}

function Format-Example([string[]]$Line) {
    $examples = Split-Section $Line 3
    $examples.Remove('')
    foreach ($title in $examples.Keys) {
        $parts = Split-Code $examples[$title]
        @"
<command:example><maml:title>--------- $(ConvertTo-XmlText $title) ---------</maml:title>
<maml:introduction>$(Format-Paragraph $parts.Before)</maml:introduction>
<dev:code>$(ConvertTo-XmlText ($parts.Code -join "`n"))</dev:code>
<dev:remarks>$(Format-Paragraph $parts.After)</dev:remarks></command:example>
"@
    }
}

function Format-Link([string]$Text, [string]$Uri) {
    "<maml:navigationLink><maml:linkText>$(ConvertTo-XmlText $Text)</maml:linkText><maml:uri>$(ConvertTo-XmlText $Uri)</maml:uri></maml:navigationLink>"
}

function ConvertTo-Command([string[]]$Line) {
    $name = ($Line -match '^# ')[0].Substring(2).Trim()
    $verb, $noun = $name -split '-'
    $sections = Split-Section $Line 2
    $known = '', 'SYNOPSIS', 'SYNTAX', 'ALIASES', 'DESCRIPTION', 'EXAMPLES', 'PARAMETERS', 'INPUTS', 'OUTPUTS', 'NOTES', 'RELATED LINKS'
    $strange = $sections.Keys | Where-Object { $_ -notin $known }
    if ($strange) {
        throw "it has a section that is not understood: $strange"
    }
    $blocks = Split-Section $sections['PARAMETERS'] 3
    $parameters = [ordered]@{}
    foreach ($heading in $blocks.Keys | Where-Object { $_.StartsWith('-') }) {
        $parameters[$heading.Substring(1)] = Read-Parameter $heading.Substring(1) $blocks[$heading]
    }
    $sets = Split-Section $sections['SYNTAX'] 3
    $sets.Remove('')
    $syntax = foreach ($set in $sets.Keys) {
        Format-SyntaxItem $name ($set -replace ' \(Default\)$') $sets[$set] $parameters
    }
    $all = foreach ($parameter in $parameters.Values) {
        $type = $parameter.Type -replace '^System\.Nullable`1\[(.+)\]$', '$1'
        Format-Parameter $parameter @($parameter.Sets.Values)[0] $type (Format-Paragraph $parameter.Description)
    }
    $links = @(
        $online = ($sections[''] -match '^HelpUri: ') -replace '^HelpUri: '
        if ($online) { Format-Link 'Online Version' $online[0] }
        foreach ($text in $sections['RELATED LINKS']) {
            if ($text -match '^- \[(.+)\]\((.+)\)$') { Format-Link $Matches[1] $Matches[2] }
        }
    )
    @"
<command:command xmlns:maml="http://schemas.microsoft.com/maml/2004/10" xmlns:command="http://schemas.microsoft.com/maml/dev/command/2004/10" xmlns:dev="http://schemas.microsoft.com/maml/dev/2004/10">
<command:details><command:name>$name</command:name><command:verb>$verb</command:verb><command:noun>$noun</command:noun>
<maml:description>$(Format-Paragraph $sections['SYNOPSIS'])</maml:description></command:details>
<maml:description>$(Format-Paragraph $sections['DESCRIPTION'])</maml:description>
<command:syntax>$($syntax -join "`n")</command:syntax>
<command:parameters>$($all -join "`n")</command:parameters>
$(Format-Value inputTypes inputType $sections['INPUTS'])
$(Format-Value returnValues returnValue $sections['OUTPUTS'])
<maml:alertSet><maml:alert>$(Format-Paragraph $sections['NOTES'])</maml:alert></maml:alertSet>
<command:examples>$(@(Format-Example $sections['EXAMPLES']) -join "`n")</command:examples>
<command:relatedLinks>$($links -join "`n")</command:relatedLinks>
</command:command>
"@
}

$commands = foreach ($file in Get-Item $Path) {
    try {
        ConvertTo-Command (Get-Content $file)
    } catch {
        throw "$($file.Name): $_"
    }
}
[xml]$maml = "<?xml version=`"1.0`" encoding=`"utf-8`"?>`n<helpItems schema=`"maml`" xmlns=`"http://msh`">`n$($commands -join "`n")`n</helpItems>"
$maml.Save([System.IO.Path]::GetFullPath($Destination, $PWD.ProviderPath))

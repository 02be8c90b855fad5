<#
.SYNOPSIS
    Writes to the system log through its datagram socket (RFC 3164), one message a line.
.EXAMPLE
    'backup done' | ./Write-SystemLog.ps1 -Tag backup
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, ValueFromPipeline)]
    [string]$Message,

    [string]$Tag = 'pwsh',

    # 0 emergency to 7 debug; 5 is notice. The facility is 1, user.
    [ValidateRange(0, 7)]
    [int]$Severity = 5,

    [string]$Path = '/dev/log'
)

begin {
    $ErrorActionPreference = 'Stop'
    if (-not (Get-Module NetKeepAlive)) {
        # The one of this clone or package; else the one that is installed.
        $beside = Join-Path $PSScriptRoot '..'
        Import-Module ((Test-Path "$beside/module/NetKeepAlive.dll") ? "$beside/NetKeepAlive.psd1" : 'NetKeepAlive')
    }
    $log = New-UnixDatagramSocket -ConnectTo $Path
}

process {
    # RFC 3164: a day below 10 has a space before it, not a zero.
    $now = Get-Date
    $time = $now.ToString("MMM '$("$($now.Day)".PadLeft(2))' HH:mm:ss", [cultureinfo]::InvariantCulture)
    "<$(8 + $Severity)>$time $Tag[$PID]: $Message" | Send-SocketData $log
}

end {
    Close-Socket $log
}

# What the soaks share: a certificate, readings of what this process holds, and whether it has grown.

function New-SoakCertificate {
    $key = [System.Security.Cryptography.ECDsa]::Create([System.Security.Cryptography.ECCurve+NamedCurves]::nistP256)
    $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=localhost', $key, 'SHA256')
    $request.CreateSelfSigned([datetimeoffset]::UtcNow.AddDays(-1), [datetimeoffset]::UtcNow.AddDays(1))
}

# Progress comes first, what was counted last.
function Get-SoakReading([System.Collections.Specialized.OrderedDictionary]$Progress, [System.Collections.Specialized.OrderedDictionary]$Count = [ordered]@{}) {
    foreach ($turn in 1..3) {
        [GC]::Collect()
        [GC]::WaitForPendingFinalizers()
    }
    $process = [System.Diagnostics.Process]::GetCurrentProcess()
    [pscustomobject]($Progress + [ordered]@{
            Descriptors = [System.IO.Directory]::GetFileSystemEntries("/proc/$PID/fd").Count
            Threads     = $process.Threads.Count
            Runspaces   = @(Get-Runspace).Count
            ManagedMB   = [math]::Round([GC]::GetTotalMemory($true) / 1MB, 1)
            ResidentMB  = [math]::Round($process.WorkingSet64 / 1MB, 1)
        } + $Count)
}

function Show-SoakReading($Reading, [switch]$First) {
    $Reading | Format-Table -HideTableHeaders:(-not $First) | Out-String -Width 200 | ForEach-Object Trim | Out-Host
}

# In words, what is more than the room allows.
function Compare-SoakReading($First, $Last, [System.Collections.Specialized.OrderedDictionary]$Room) {
    foreach ($name in $Room.Keys) {
        if ($Last.$name -gt $First.$name + $Room[$name]) {
            "${name}: $($First.$name) to $($Last.$name)"
        }
    }
}

Export-ModuleMember -Function '*-Soak*'

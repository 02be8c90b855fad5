# Calls every cmdlet on a system that the module does not know, and tells what each said: for Module.Tests.ps1, in a pwsh of
# its own.
param($Manifest)

[AppContext]::SetData('NetKeepAlive.Platform', 'Other')
Import-Module $Manifest
foreach ($command in Get-Command -Module NetKeepAlive) {
    $set = $command.ParameterSets | Sort-Object IsDefault -Descending | Select-Object -First 1
    $arguments = @{}
    foreach ($parameter in $set.Parameters | Where-Object { $_.IsMandatory -and -not $_.ValueFromPipeline }) {
        $type = $parameter.ParameterType.IsArray ? $parameter.ParameterType.GetElementType() : $parameter.ParameterType
        $arguments[$parameter.Name] = switch ($type) {
            { $_ -eq [scriptblock] } { {}; break }
            { $_ -eq [ipaddress] } { '127.0.0.1'; break }
            { $_ -eq [switch] } { $true; break }
            { $_.FullName -eq 'NetKeepAlive.SocketBlockList' } { $_::new(); break }
            { $_.IsValueType -or $_ -eq [object] } { 1; break }
            default { 'x' }
        }
    }
    try {
        $null | & $command @arguments -ErrorAction Stop
        "$command nothing"
    } catch {
        "$command $($_.FullyQualifiedErrorId)"
    }
}

# Runs what Examples.Tests.ps1 sends, a script a line in Base64, and answers each with "ok" or with what went wrong; a
# line "ready" comes first.
param($Manifest, $Folder)

$ErrorActionPreference = 'Stop'
ip link set lo up
$state = [initialsessionstate]::CreateDefault2()
$state.ImportPSModule($Manifest)
[Console]::Out.WriteLine('ready')
while ($line = [Console]::In.ReadLine()) {
    $code = [System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($line))
    # In a folder of its own, where an error stops it.
    $place = New-Item (Join-Path $Folder ([guid]::NewGuid())) -ItemType Directory
    $shell = [powershell]::Create($state)
    $answer = 'ok'
    try {
        $null = $shell.AddScript("Set-Location '$place'; `$ErrorActionPreference = 'Stop'; `$ConfirmPreference = 'None'; `$WarningPreference = 'SilentlyContinue'").AddStatement().AddScript($code)
        $run = $shell.BeginInvoke()
        if (-not $run.AsyncWaitHandle.WaitOne(120000)) {
            $shell.Stop()
            throw 'It did not end within 120 s.'
        }
        $null = $shell.EndInvoke($run)
        if ($shell.Streams.Error.Count) {
            $answer = "$($shell.Streams.Error)"
        }
    } catch {
        $answer = "$_"
    } finally {
        $shell.Runspace.Dispose()
        $shell.Dispose()
    }
    [Console]::Out.WriteLine([Convert]::ToBase64String([System.Text.Encoding]::UTF8.GetBytes($answer)))
    [Console]::Out.Flush()
}

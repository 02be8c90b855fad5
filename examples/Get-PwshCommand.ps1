# The command that starts this very pwsh once more: its words, the program first. An installed pwsh is a program of its
# own; the one of a .NET tool is run by dotnet.
#
#     $pwsh = @(./examples/Get-PwshCommand.ps1)
#     env @pwsh -NoProfile -Command '"another pwsh: $PID"'
$program = [Environment]::ProcessPath
$program
if ([System.IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet') {
    Join-Path $PSHOME 'pwsh.dll'
}

# Runs a script with the module on the simulator of macOS (tests/simulator/darwin.c), for Darwin.Tests.ps1, in a pwsh of its
# own: the core's calls of the C library go there, and what .NET calls by itself goes to Linux.
param($Manifest, $Library, $Script)

Add-Type -TypeDefinition @'
using System.Reflection;
using System.Runtime.InteropServices;

public static class DarwinSimulator
{
    public static void Start(string core, string library)
    {
        System.AppContext.SetData("NetKeepAlive.Platform", "Darwin");
        nint simulator = NativeLibrary.Load(library);
        NativeLibrary.SetDllImportResolver(
            Assembly.LoadFrom(core), (name, _, _) => name == "libc" ? simulator : 0);
    }
}
'@
[DarwinSimulator]::Start((Join-Path (Split-Path $Manifest) 'module/NetKeepAlive.dll'), $Library)
Import-Module $Manifest

# A listener, a connection to it made with the settings given, and its other end.
function New-Connection {
    $listener = New-TcpSocketListener 0 127.0.0.1
    $listener
    Connect-TcpSocket 127.0.0.1 $listener.LocalPort @args
    Receive-SocketConnection $listener
}
& ([scriptblock]::Create((Get-Content $Script -Raw)))

using System.IO;
using System.Management.Automation;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Makes a Unix socket that others reach by a path or a name.</summary>
public abstract class UnixBindingCmdlet : NetKeepAliveCmdlet
{
    private protected const string PathSet = "Path";
    private protected const string AbstractNameSet = "AbstractName";

    /// <summary>The name where others reach it, in Linux's abstract namespace.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AbstractNameSet)]
    [ValidateNotNullOrEmpty]
    public string? AbstractName { get; set; }

    /// <summary>The mode of the file, in octal digits.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [FileModeTransform]
    [ArgumentCompleter(typeof(FileModeCompleter))]
    public string Mode { get; set; } = "0600";

    /// <summary>Take the place of a socket file that nobody serves.</summary>
    [Parameter(ParameterSetName = PathSet)]
    public SwitchParameter Force { get; set; }

    /// <summary>Ask the kernel who sent each message.</summary>
    [Parameter]
    public SwitchParameter PassCredential { get; set; }

    /// <summary><see cref="Mode"/> as the file system has it.</summary>
    private protected UnixFileMode FileMode => FileModeTransformAttribute.Read(Mode);
}

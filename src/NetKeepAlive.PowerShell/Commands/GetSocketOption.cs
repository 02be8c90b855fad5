using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
using NetKeepAlive.Options;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Get-SocketOption: reads the options of a socket, or lists those that there are.</summary>
// The socket comes by pipeline or first, before the names. The binder cannot tell the two apart: what it has put one place
// too early is told by its type.
[Cmdlet(VerbsCommon.Get, "SocketOption", DefaultParameterSetName = InputObjectSet)]
[OutputType(typeof(SocketOptionValue), ParameterSetName = [InputObjectSet])]
[OutputType(typeof(SocketOption), ParameterSetName = [ListSet])]
public sealed class GetSocketOption : NetKeepAliveCmdlet
{
    private const string InputObjectSet = "InputObject";
    private const string ListSet = "ListAvailable";

    private NamePattern[] _names = [];

    /// <summary>The options wanted, by name or constant, with wildcards; all that the socket has when left
    /// out.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(SocketOptionNameCompleter))]
    [SupportsWildcards]
    [AllowNull]
    public object? Name { get; set; }

    /// <summary>What holds the socket.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true, ParameterSetName = InputObjectSet)]
    [Alias("Socket", "Listener")]
    [ArgumentCompleter(typeof(SocketOptionArgumentCompleter))]
    [AllowNull]
    public object? InputObject { get; set; }

    /// <summary>Lists the options that there are.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ListSet)]
    public SwitchParameter ListAvailable { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        IDictionary<string, object> bound = MyInvocation.BoundParameters;
        if (bound.ContainsKey(nameof(Name)) && !Many(Name).All(static it => Unwrap(it) is string))
        {
            (InputObject, Name) = (Name, InputObject);
        }
        else if (!ListAvailable && !bound.ContainsKey(nameof(InputObject)) && !MyInvocation.ExpectingInput)
        {
            ThrowTerminatingError(ErrorRecords.From(
                new ArgumentException(
                    "Name the socket: Get-SocketOption $socket NoDelay, or $socket | Get-SocketOption NoDelay. "
                    + "-ListAvailable lists the options that there are."),
                Name));
        }

        _names = Name is null ? [] : Many(Name).Select(static it => new NamePattern($"{it}")).ToArray();
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ListAvailable)
        {
            Select(static _ => true, option => WriteObject(option));
            return;
        }

        foreach (object? item in Many(InputObject))
        {
            Attempt(item, () =>
            {
                object? holder = ConnectionRow.Resolve(item, Tables);
                using SocketReference reference = SocketHolder.Open(holder, Tables);
                Select(
                    static option => option.Number is not null && option.Access is not SocketOptionAccess.WriteOnly,
                    option => WriteObject(new SocketOptionValue(
                        option.Name, option.GetValue(reference.Handle), option.Level, option.Number)));
                if (holder is NetSocket socket && IsWanted(SocketOptionInput.IdleTimeout))
                {
                    WriteObject(new SocketOptionValue(SocketOptionInput.IdleTimeout, socket.IdleLimit, null, null));
                }
                else if (holder is not NetSocket
                    && Array.Exists(_names, static it => !it.IsWildcard && it.Matches(SocketOptionInput.IdleTimeout)))
                {
                    throw NotASocketException.Saying("Only the sockets of this module have an IdleTimeout.");
                }
            });
        }
    }

    private void Select(Func<SocketOption, bool> applies, Action<SocketOption> write)
    {
        foreach (NamePattern name in _names.Where(static it => !it.IsWildcard))
        {
            if (SocketOptions.Find(name.Name) is { } option)
            {
                Attempt(name.Name, () => write(option));
            }
            else if (!name.Matches(SocketOptionInput.IdleTimeout))
            {
                Attempt(name.Name, () => throw SocketOptionInput.Unknown(name.Name));
            }
        }

        NamePattern[] patterns = Array.FindAll(_names, static it => it.IsWildcard);
        if (_names.Length > 0 && patterns.Length == 0)
        {
            return;
        }

        foreach (SocketOption option in SocketOptions.All.Where(applies).Where(
            it => patterns.Length == 0 || Array.Exists(patterns, pattern => pattern.Matches(it.Name))))
        {
            try
            {
                write(option);
            }
            catch (NativeSocketException)
            {
                // An option of another protocol: this socket has none such.
            }
        }
    }

    private bool IsWanted(string name) =>
        _names.Length == 0 || Array.Exists(_names, it => it.Matches(name));
}

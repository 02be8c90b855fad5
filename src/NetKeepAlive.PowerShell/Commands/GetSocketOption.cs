using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using NetKeepAlive.Descriptors;
using NetKeepAlive.Holders;
using NetKeepAlive.Options;
using NetKeepAlive.PowerShell.Input;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>Get-SocketOption: reads the options of a socket, or lists those that there are.</summary>
[Cmdlet(VerbsCommon.Get, "SocketOption", DefaultParameterSetName = InputObjectSet)]
[OutputType(typeof(SocketOptionValue), ParameterSetName = [InputObjectSet])]
[OutputType(typeof(SocketOption), ParameterSetName = [ListSet])]
public sealed class GetSocketOption : NetKeepAliveCmdlet
{
    private const string InputObjectSet = "InputObject";
    private const string ListSet = "ListAvailable";

    /// <summary>The options wanted, by name or constant, with wildcards; all that the socket has when left
    /// out.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(SocketOptionNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>What holds the socket.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputObjectSet)]
    [AllowNull]
    public object?[]? InputObject { get; set; }

    /// <summary>Lists the options that there are.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ListSet)]
    public SwitchParameter ListAvailable { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ListAvailable)
        {
            Select(static _ => true, option => WriteObject(option));
            return;
        }

        foreach (object? item in InputObject ?? [null])
        {
            Attempt(item, () =>
            {
                object? holder = Unwrap(item);
                using SocketReference reference = SocketHolder.Open(holder);
                Select(
                    static option => option.Number is not null && option.Access is not SocketOptionAccess.WriteOnly,
                    option => WriteObject(new SocketOptionValue(
                        option.Name, option.GetValue(reference.Handle), option.Level, option.Number)));
                if (holder is NetSocket socket && IsWanted(SocketOptionInput.IdleTimeout))
                {
                    WriteObject(new SocketOptionValue(SocketOptionInput.IdleTimeout, socket.IdleLimit, null, null));
                }
                else if (holder is not NetSocket
                    && Name.Contains(SocketOptionInput.IdleTimeout, StringComparer.OrdinalIgnoreCase))
                {
                    throw NotASocketException.Saying("Only the sockets of this module have an IdleTimeout.");
                }
            });
        }
    }

    private void Select(Func<SocketOption, bool> applies, Action<SocketOption> write)
    {
        foreach (string name in Name.Where(static it => !WildcardPattern.ContainsWildcardCharacters(it)))
        {
            if (SocketOptions.Find(name) is { } option)
            {
                Attempt(name, () => write(option));
            }
            else if (!name.Equals(SocketOptionInput.IdleTimeout, StringComparison.OrdinalIgnoreCase))
            {
                Attempt(name, () => throw SocketOptionInput.Unknown(name));
            }
        }

        List<WildcardPattern> patterns = Name
            .Where(WildcardPattern.ContainsWildcardCharacters)
            .Select(static it => new WildcardPattern(it, WildcardOptions.IgnoreCase))
            .ToList();
        if (Name.Length > 0 && patterns.Count == 0)
        {
            return;
        }

        foreach (SocketOption option in SocketOptions.All.Where(applies).Where(
            it => patterns.Count == 0 || patterns.Exists(pattern => pattern.IsMatch(it.Name))))
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
        Name.Length == 0 || Name.Any(it => new WildcardPattern(it, WildcardOptions.IgnoreCase).IsMatch(name));
}

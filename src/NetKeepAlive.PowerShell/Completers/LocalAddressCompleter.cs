using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Net;
using System.Net.NetworkInformation;

namespace NetKeepAlive.PowerShell.Completers;

/// <summary>Completes the addresses of this machine.</summary>
public sealed class LocalAddressCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        IEnumerable<(IPAddress Address, string Where)> own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(
            static card => card.GetIPProperties().UnicastAddresses.Select(it => (it.Address, card.Name)));
        return new (IPAddress Address, string Where)[]
            {
                (IPAddress.Any, "all IPv4 addresses"),
                (IPAddress.IPv6Any, "all addresses"),
            }
            .Concat(own)
            .Select(static it => (Text: it.Address.ToString(), it.Where))
            .Where(it => it.Text.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase))
            .DistinctBy(static it => it.Text)
            .Select(static it => new CompletionResult(
                it.Text, it.Text, CompletionResultType.ParameterValue, $"{it.Text} ({it.Where})"));
    }
}

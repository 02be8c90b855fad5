using System;
using System.Management.Automation;
using System.Net;
using NetKeepAlive.PowerShell.Errors;
using NetKeepAlive.PowerShell.Input;
using Rule = NetKeepAlive.SocketBlockList.Rule;

namespace NetKeepAlive.PowerShell.Commands;

/// <summary>New-SocketBlockList: a list of addresses that are refused.</summary>
[Cmdlet(VerbsCommon.New, "SocketBlockList")]
[OutputType(typeof(SocketBlockList))]
public sealed class NewSocketBlockList : NetKeepAliveCmdlet
{
    /// <summary>Single addresses.</summary>
    [Parameter]
    [RequireValue]
    [IPAddressTransform]
    public IPAddress[] Address { get; set; } = [];

    /// <summary>Ranges, each as <c>first-last</c>.</summary>
    [Parameter]
    [RequireValue]
    public string[] Range { get; set; } = [];

    /// <summary>Subnets, each as <c>network/prefix</c>.</summary>
    [Parameter]
    [RequireValue]
    public string[] Subnet { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        SocketBlockList list = new();
        Add(list, nameof(Address), Address, Rule.OfAddress);
        Add(list, nameof(Range), Range, Rule.ParseRange);
        Add(list, nameof(Subnet), Subnet, Rule.ParseSubnet);
        WriteObject(list);
    }

    // A list that lacks a rule would let in whom it was to keep out: one bad rule, and there is no list.
    private void Add<T>(SocketBlockList list, string parameter, T[] written, Func<T, Rule> read) =>
        list.Add(BlockListRules.Read(parameter, written, read, (text, action) =>
        {
            try
            {
                action();
                return true;
            }
            catch (ArgumentException bad)
            {
                ThrowTerminatingError(ErrorRecords.From(bad, text));
                return false;
            }
        }));
}
